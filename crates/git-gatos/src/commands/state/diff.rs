//! `gatos state diff`: what two states hold differently.

use clap::Args;
use gatos::fold::{Point, diff};

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state diff yearly@0 yearly            what came since the first checkpoint
  gatos state diff yearly@41 yearly@42
  gatos state diff yearly yearly-corrected    two states
  gatos state diff a b --exit-code --quiet    for scripts: 1 if they differ";

/// Show what two states hold differently
///
/// Only what differs is read. A place is listed where the states differ and nothing inside of it is common
/// to both: an added map is one difference. Ends with exit code 0 whether or not there are
/// differences; with --exit-code, with 1 if there are.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Diff {
    /// The one: STATE, STATE@NUMBER, an id of a proof or state, or a commit
    old: Point,
    /// The other
    new: Point,
    /// List at most COUNT differences; all are counted
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// End with exit code 1 if there are differences
    #[arg(long)]
    exit_code: bool,
}

impl Diff {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let found = diff(context.repository()?, (&self.old, &self.new), self.limit)?;
        let exit = if self.exit_code && found.count > 0 {
            Exit::Failed
        } else {
            Exit::Done
        };
        Ok(Report::ending(exit, found))
    }
}
