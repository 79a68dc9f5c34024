//! `gatos generate completion`: the script of one shell, for a package.

use clap::Args;

use crate::Report;
use crate::manual::completion::{Shell, script};

/// Print the completion script of a shell
#[derive(Args, Clone, Debug)]
pub(crate) struct Completion {
    /// The shell: bash, zsh or fish
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

impl Completion {
    pub(crate) fn run(&self) -> Report<'static> {
        Report::bytes(script(self.shell).into_bytes())
    }
}
