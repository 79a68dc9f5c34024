//! `gatos state …`: what folds gave.

mod list;
mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the states that folds gave
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum State {
    List(list::List),
    Show(show::Show),
}

impl State {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
        }
    }
}
