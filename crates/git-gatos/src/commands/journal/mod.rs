//! `gatos journal …`: what journals there are.

mod list;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the journals of this repository
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Journal {
    List(list::List),
}

impl Journal {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::List(command) => command.run(context),
        }
    }
}
