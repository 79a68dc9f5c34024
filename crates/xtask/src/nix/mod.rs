//! `cargo xtask nix`: any Nix command, with what this machine needs.

use std::process::Command;

use clap::Args;

use crate::failure::Outcome;
use crate::process::run;

/// Run a Nix command with what this machine needs
#[derive(Args, Clone, Debug)]
pub(crate) struct Nix {
    /// The command and its arguments, e.g. `flake check`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<String>,
}

impl Nix {
    pub(crate) fn run(&self) -> Outcome {
        run(Command::new("nix").args(&self.arguments))
    }
}
