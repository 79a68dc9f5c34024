//! `gatos proposal show`: a proposal, what people said of it, and what is missing.

use clap::Args;
use gatos::governance::proposal;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos proposal show bafyreih5wq";

/// Show a proposal, what people said of it, and what is missing
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The proposal: its id, or the beginning of it
    proposal: String,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let view = proposal(context.repository()?, &self.proposal)?;
        Ok(Report::new(view))
    }
}
