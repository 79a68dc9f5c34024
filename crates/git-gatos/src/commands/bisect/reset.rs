//! `gatos bisect reset`: end a search.

use clap::Args;
use gatos::bisect::reset;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect reset";

/// End the search that is under way, if one is
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Reset {}

impl Reset {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        reset(context.repository()?)?;
        Ok(Report::nothing())
    }
}
