//! `gatos job list`: every execution at a glance.

use clap::Args;
use gatos::experiment::executions;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos job list
  gatos job list --json | jq '.[] | select(.outcome != \"succeeded\")'";

/// List the jobs, oldest first, with how each ended
///
/// A job that failed, took too long or was stopped has a signed record as one that succeeded has.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(executions(context.repository()?)?)))
    }
}
