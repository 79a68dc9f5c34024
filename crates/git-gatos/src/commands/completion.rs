//! `gatos completion`: what a shell needs to complete commands and options.

use clap::Args;

use crate::Report;
use crate::manual::completion::{Shell, script};

const EXAMPLES: &str = "\
Examples:
  gatos completion bash > ~/.local/share/bash-completion/completions/gatos
  gatos completion zsh > ~/.zfunc/_gatos
  gatos completion fish > ~/.config/fish/completions/gatos.fish";

/// Print what bash, zsh or fish needs to complete commands and options
///
/// The script completes `gatos`, `git-gatos` and `git gatos` alike.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
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
