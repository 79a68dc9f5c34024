//! `gatos policy …`: what the rules say.

mod activate;
mod check_push;
mod denials;
mod explain;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Change the policy in force, ask what it says of a push, and why one was refused
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Policy {
    Activate(activate::Activate),
    CheckPush(check_push::CheckPush),
    Denials(denials::Denials),
    Explain(explain::Explain),
}

impl Policy {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Activate(command) => command.run(context),
            Self::CheckPush(command) => command.run(),
            Self::Denials(command) => command.run(context),
            Self::Explain(command) => command.run(context),
        }
    }
}
