//! `gatos proposal list`: every proposal at a glance.

use clap::Args;
use gatos::governance::proposals;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos proposal list
  gatos proposal list --json";

/// List the proposals, and where each stands
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(proposals(context.repository()?)?)))
    }
}
