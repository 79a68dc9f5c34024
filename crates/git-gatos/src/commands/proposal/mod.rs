//! `gatos proposal …`.

mod list;
mod new;
mod show;
mod watch;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Say what should be done, and see where it stands
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Proposal {
    New(Box<new::New>),
    List(list::List),
    Show(show::Show),
    Watch(watch::Watch),
}

impl Proposal {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::New(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Watch(command) => command.run(context),
        }
    }
}
