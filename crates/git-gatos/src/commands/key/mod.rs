//! `gatos key …`.

mod show;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// See the key that you sign with
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Key {
    Show(show::Show),
}

impl Key {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Show(command) => command.run(context),
        }
    }
}
