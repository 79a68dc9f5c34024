//! `gatos event follow`: events as they are recorded.

use std::time::Duration;

use clap::Args;
use gatos::journal::{Order, Range, list};
use gatos::{JournalName, Repository};

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event follow measurements
  gatos event follow measurements --since 0 --json | jq --unbuffered .payload";

/// How often the journal is looked at.
const PACE: Duration = Duration::from_millis(200);

/// Print the events of a journal as they are recorded, until ctrl-C
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Follow {
    /// The journal
    journal: JournalName,
    /// Begin at this index; at the next event that is recorded if not given
    #[arg(long, value_name = "INDEX")]
    since: Option<u64>,
    /// End after this many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

impl Follow {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let cancel = context.cancel()?;
        let journal = &self.journal;
        let mut next = match self.since {
            Some(index) => index,
            None => size(repository, journal)?,
        };
        let end = self
            .limit
            .map_or(u64::MAX, |limit| next.saturating_add(limit));
        Ok(Report::live(move |print| {
            while next < end && !cancel.is_cancelled() {
                if size(repository, journal)? > next {
                    let range = Range {
                        since: Some(next),
                        limit: Some(end - next),
                        order: Order::Oldest,
                    };
                    list(repository, journal, range, |event| {
                        next = event.index + 1;
                        print(&event)
                    })?;
                } else {
                    std::thread::sleep(PACE);
                }
            }
            Ok(())
        }))
    }
}

/// Number of events that the journal has now.
fn size(repository: &Repository, journal: &JournalName) -> Result<u64, Failure> {
    let newest = Range {
        since: None,
        limit: Some(1),
        order: Order::Newest,
    };
    let mut size = 0;
    list(repository, journal, newest, |event| {
        size = event.index + 1;
        Ok::<(), Failure>(())
    })?;
    Ok(size)
}
