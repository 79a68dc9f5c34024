//! `gatos grant list`: every grant at a glance.

use clap::Args;
use gatos::governance::grants;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos grant list
  gatos grant list --json";

/// List the grants, and whether each counts
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(grants(context.repository()?)?)))
    }
}
