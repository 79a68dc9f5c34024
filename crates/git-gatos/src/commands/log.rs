//! `gatos log`: what was run and what was reproduced, newest first.

use clap::Args;
use gatos::experiment::{executions, experiments, reproductions};

use crate::output::human::History;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos log
  gatos log --limit 5
  gatos log --json | jq 'select(.verdict == \"diverged\")'";

/// Show experiments, reproductions and failed jobs, newest first
///
/// With --json, one document a line.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Log {
    /// Show this many at most
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

impl Log {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let history = History::new(
            experiments(repository)?,
            reproductions(repository)?,
            executions(repository)?,
        );
        let limit = self.limit.unwrap_or(usize::MAX);
        Ok(Report::stream(move |print| {
            history
                .into_entries()
                .take(limit)
                .try_for_each(|entry| print(&entry))
        }))
    }
}
