//! `gatos evidence …`: what an experiment rests on, in one file.

mod compare;
mod pack;
mod show;
mod verdict;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// Pack what an experiment rests on into one file, and look into such files
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Evidence {
    Pack(pack::Pack),
    Show(show::Show),
    Compare(compare::Compare),
    Verdict(verdict::Verdict),
}

impl Evidence {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Pack(command) => command.run(context),
            Self::Show(command) => command.run(),
            Self::Compare(command) => command.run(),
            Self::Verdict(command) => command.run(context),
        }
    }
}
