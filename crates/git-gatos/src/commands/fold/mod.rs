//! `gatos fold …`: states from journals, proved.

mod run;
mod verify;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Fold journals into proved states
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Fold {
    Run(run::Run),
    Verify(verify::Verify),
}

impl Fold {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Run(command) => command.run(context),
            Self::Verify(command) => command.run(context),
        }
    }
}
