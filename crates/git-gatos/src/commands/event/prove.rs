//! `gatos event prove`: proofs that need no repository.

use clap::Args;
use gatos::JournalName;
use gatos::journal::{Which, prove, prove_consistency};

use super::which;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event prove measurements 17 > proof.json
  gatos event prove measurements --extends 1000 > extension.json
  gatos event check-proof proof.json";

/// Prove that a journal has an event, or that it extends what it was
///
/// Prints a proof after RFC 9162 as JSON: anybody can check it with nothing but SHA-256.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Prove {
    /// The journal
    journal: JournalName,
    /// The event: its index or its ULID
    #[arg(value_parser = which, required_unless_present = "extends")]
    event: Option<Which>,
    /// Prove instead that the journal extends its first COUNT events
    #[arg(long, value_name = "COUNT", conflicts_with = "event")]
    extends: Option<u64>,
}

impl Prove {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let proof = match (self.event, self.extends) {
            (Some(event), _) => prove(repository, &self.journal, event)?,
            (None, Some(size)) => prove_consistency(repository, &self.journal, size)?,
            (None, None) => return Err(Failure::usage("neither an event nor --extends is given")),
        };
        let mut text = serde_json::to_vec_pretty(&proof)?;
        text.push(b'\n');
        Ok(Report::bytes(text))
    }
}
