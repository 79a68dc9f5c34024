//! `gatos trust …`.

mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See who may do what
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Trust {
    Show(show::Show),
}

impl Trust {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Show(command) => command.run(context),
        }
    }
}
