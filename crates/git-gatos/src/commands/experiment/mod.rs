//! `gatos experiment …`: what was run.

mod list;
mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the experiments that were run
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Experiment {
    List(list::List),
    Show(show::Show),
}

impl Experiment {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
        }
    }
}
