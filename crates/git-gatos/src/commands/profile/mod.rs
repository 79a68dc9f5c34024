//! `gatos profile …`.

mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the limits and duties in force
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Profile {
    Show(show::Show),
}

impl Profile {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Show(command) => command.run(context),
        }
    }
}
