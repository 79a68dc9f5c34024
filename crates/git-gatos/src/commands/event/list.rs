//! `gatos event list`: the events of a journal.

use clap::Args;
use gatos::JournalName;
use gatos::journal::{Order, Range, list};

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event list measurements
  gatos event list measurements --since 2000 --limit 10
  gatos event list measurements --reverse --limit 5        the last five
  gatos event list measurements --json | jq .payload.mass";

/// List the events of a journal
///
/// Signatures are not verified here: `gatos event verify` does that. With --json, one document a
/// line.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct List {
    /// The journal
    journal: JournalName,
    /// Leave out the events before this index
    #[arg(long, value_name = "INDEX")]
    since: Option<u64>,
    /// List this many at most
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// List the newest first
    #[arg(long)]
    reverse: bool,
}

impl List {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let range = Range {
            since: self.since,
            limit: self.limit,
            order: if self.reverse {
                Order::Newest
            } else {
                Order::Oldest
            },
        };
        Ok(Report::stream(move |print| {
            list(repository, &self.journal, range, |event| print(&event))
        }))
    }
}
