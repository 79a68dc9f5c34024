//! `gatos experiment show`: one experiment.

use clap::Args;
use gatos::experiment::show;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos experiment show 01JD9GZ3
  gatos experiment show bafyreib2rxk3";

/// Show an experiment: program, inputs, outputs, folds, results
///
/// Its signature is verified, and nothing else: `gatos verify` does that.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The experiment: its ULID or CID, the beginning of either, or its ref
    id: String,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(show(context.repository()?, &self.id)?))
    }
}
