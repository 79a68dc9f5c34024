//! `git gatos …` and `gatos …`: the command line of GATOS.
//!
//! A command parses its arguments, calls one operation of the façade and returns a report; what is
//! printed, and with which exit code the program ends, is decided in one place for all of them.

#![expect(
    clippy::disallowed_methods,
    reason = "shell: arguments, files, terminal"
)]

mod arguments;
mod commands;
mod context;
mod failure;
mod manual;
mod output;
mod template;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, Report};

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(answer) => return answer.print(),
    };
    let output = Output::new(&arguments.shared);
    let context = match Context::new(&arguments.shared, &output) {
        Ok(context) => context,
        Err(failure) => return output.fail(&failure),
    };
    match arguments.command.run(&context) {
        Ok(report) => output.show(report),
        Err(failure) => output.fail(&failure),
    }
}
