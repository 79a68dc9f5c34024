//! `gatos state list`: every state at a glance.

use clap::Args;
use gatos::fold::states;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state list";

/// List the states, with what they were folded from
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(states(context.repository()?)?)))
    }
}
