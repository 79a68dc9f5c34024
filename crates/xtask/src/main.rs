//! `cargo xtask`: the few commands a developer types.

#![expect(
    clippy::disallowed_methods,
    reason = "dev tool: runs commands and reads files"
)]

mod airgap;
mod architecture;
mod checkout;
mod failure;
mod nix;
mod process;
mod setup;
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
    Test(test::Test),
    Soak(test::Soak),
    Architecture(architecture::Architecture),
}

impl Command {
    fn run(&self) -> Outcome {
        match self {
            Self::Setup(command) => command.run(),
            Self::Nix(command) => command.run(),
            Self::Test(command) => command.run(),
            Self::Soak(command) => command.run(),
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
