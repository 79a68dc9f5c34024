//! `gatos bisect log`: what was judged, and how the search stands.

use clap::Args;
use gatos::bisect::{resume, status};

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect log
  gatos bisect log --json";

/// Show what was judged, and how the search stands
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Log {}

impl Log {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        Ok(Report::new(status(repository, &resume(repository)?)?))
    }
}
