//! `gatos event check-proof`: check a proof with nothing but itself.

use std::path::PathBuf;

use clap::Args;
use gatos::journal::check_proof;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event check-proof proof.json
  gatos event prove measurements 17 | gatos event check-proof -";

/// Check a proof that `gatos event prove` printed; no repository is needed
///
/// The proof is about the history root that it names: compare that with one you trust.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckProof {
    /// The proof; `-` for standard input
    file: PathBuf,
}

impl CheckProof {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(check_proof(&context.read_text(&self.file)?)?))
    }
}
