//! `gatos grant …`.

mod list;
mod new;
mod verify;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Turn approvals into a grant, and check one
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Grant {
    New(new::New),
    List(list::List),
    #[command(visible_alias = "show")]
    Verify(verify::Verify),
}

impl Grant {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::New(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Verify(command) => command.run(context),
        }
    }
}
