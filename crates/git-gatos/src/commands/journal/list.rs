//! `gatos journal list`: every journal at a glance.

use clap::Args;
use gatos::journal::journals;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos journal list";

/// List the journals with their sizes and history roots
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(journals(context.repository()?)?)))
    }
}
