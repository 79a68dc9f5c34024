//! `gatos bisect start`: begin a search that goes on step by step.

use clap::Args;
use gatos::bisect::{start, status};

use super::{Ends, ended};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect start --state yearly --good @3 --bad @12
  gatos bisect start --state yearly --bad 1000";

/// Begin a search that goes on step by step
///
/// It is kept beside Git's files until `gatos bisect reset`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Start {
    #[command(flatten)]
    ends: Ends,
}

impl Start {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let session = start(repository, &self.ends.request())?;
        Ok(ended(status(repository, &session)?))
    }
}
