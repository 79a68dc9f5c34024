//! `gatos event show`: one event.

use clap::Args;
use gatos::JournalName;
use gatos::journal::{Which, show};

use super::which;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event show measurements 0
  gatos event show measurements 01JD9GZ3PQ8YB2V4XK5M6N7R8S --json";

/// Show one event of a journal, with who signed it
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The journal
    journal: JournalName,
    /// The event: its index or its ULID
    #[arg(value_parser = which)]
    event: Which,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let event = show(context.repository()?, &self.journal, self.event)?;
        Ok(Report::new(event))
    }
}
