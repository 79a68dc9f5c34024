//! `gatos event verify`: every event of a journal.

use clap::Args;
use gatos::JournalName;
use gatos::journal::{Range, list};
use gatos::verify::verify_journal;

use crate::commands::verify::report;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event verify measurements";

/// Verify every event of a journal: signatures, trust, order, history root
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The journal
    journal: JournalName,
}

impl Verify {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let (repository, progress) = (context.repository()?, &mut context.progress());
        // A journal that is not there is a mistake of whoever typed, and no finding.
        let nothing = Range {
            limit: Some(0),
            ..Range::default()
        };
        list(
            repository,
            &self.journal,
            nothing,
            |_| Ok::<(), Failure>(()),
        )?;
        let verification = verify_journal(repository, &self.journal, progress);
        Ok(report(verification))
    }
}
