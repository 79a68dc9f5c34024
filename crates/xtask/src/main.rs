//! `cargo xtask`: the few commands a developer types.

#![expect(
    clippy::disallowed_methods,
    reason = "dev tool: runs commands and reads files"
)]
#![expect(
    clippy::print_stdout,
    reason = "dev tool: its answers are for who typed it"
)]

mod airgap;
mod architecture;
mod bench;
mod checkout;
mod cross;
mod failure;
mod fuzz;
mod nix;
mod process;
mod register;
mod setup;
mod study;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;

/// The few commands a developer types
#[derive(Parser, Clone, Debug)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Clone, Debug)]
enum Command {
    Setup(setup::Setup),
    Nix(nix::Nix),
    Demo(study::Demo),
    Evidence(study::Evidence),
    Register(register::Register),
    Test(test::Test),
    Soak(test::Soak),
    Bench(bench::Bench),
    Fuzz(fuzz::Fuzz),
    Cross(cross::Cross),
    Architecture(architecture::Architecture),
}

impl Command {
    fn run(&self) -> Outcome {
        match self {
            Self::Setup(command) => command.run(),
            Self::Nix(command) => command.run(),
            Self::Demo(command) => command.run(),
            Self::Evidence(command) => command.run(),
            Self::Register(command) => command.run(),
            Self::Test(command) => command.run(),
            Self::Soak(command) => command.run(),
            Self::Bench(command) => command.run(),
            Self::Fuzz(command) => command.run(),
            Self::Cross(command) => command.run(),
            Self::Architecture(command) => command.run(),
        }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}
