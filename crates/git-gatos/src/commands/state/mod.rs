//! `gatos state …`: what folds gave.

mod check_proof;
mod diff;
mod list;
mod prove;
mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the states that folds gave, compare them, and prove what they hold
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum State {
    List(list::List),
    Show(show::Show),
    Diff(diff::Diff),
    Prove(prove::Prove),
    CheckProof(check_proof::CheckProof),
}

impl State {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Diff(command) => command.run(context),
            Self::Prove(command) => command.run(context),
            Self::CheckProof(command) => command.run(context),
        }
    }
}
