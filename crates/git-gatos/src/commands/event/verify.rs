//! `gatos event verify`: every event of a journal.

use clap::Args;
use gatos::JournalName;
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
        let progress = &mut context.progress();
        let verification = verify_journal(context.repository()?, &self.journal, progress);
        Ok(report(verification))
    }
}
