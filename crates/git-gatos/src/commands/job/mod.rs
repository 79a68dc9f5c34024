//! `gatos job …`: what was executed, whether it succeeded or not.

mod list;
mod log;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the jobs that were executed, and what they printed
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Job {
    List(list::List),
    Log(log::Log),
}

impl Job {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Log(command) => command.run(context),
        }
    }
}
