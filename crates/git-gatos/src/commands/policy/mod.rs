//! `gatos policy …`: what the rules say.

mod check_push;
mod denials;
mod explain;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Ask what the rules say of a push, and why one was refused
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Policy {
    CheckPush(check_push::CheckPush),
    Denials(denials::Denials),
    Explain(explain::Explain),
}

impl Policy {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::CheckPush(command) => command.run(),
            Self::Denials(command) => command.run(context),
            Self::Explain(command) => command.run(context),
        }
    }
}
