//! `gatosd`: the daemon of GATOS, which serves one repository on a Unix socket, line by line.
//!
//! One thread reads each connection, one appends for all of them, one folds. They meet in bounded
//! queues, and each answer goes into the box of its connection, so that nobody waits for a reader.

#![expect(
    clippy::disallowed_methods,
    reason = "shell: sockets, threads, files, signals"
)]

mod arguments;
mod commands;
mod connection;
mod failure;
mod house;
mod log;
mod queue;
mod supervisor;
mod work;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command.run(arguments.json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.print(arguments.json),
    }
}
