//! `gatos trust show`: who may do what.

use clap::Args;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos trust show";

/// Show the actors, their keys and their roles
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(Listed(context.repository()?.actors())))
    }
}
