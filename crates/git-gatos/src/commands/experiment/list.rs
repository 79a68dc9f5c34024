//! `gatos experiment list`: every experiment at a glance.

use clap::Args;
use gatos::experiment::experiments;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos experiment list
  gatos experiment list --json | jq -r '.[].ulid'";

/// List the experiments, oldest first
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(experiments(context.repository()?)?)))
    }
}
