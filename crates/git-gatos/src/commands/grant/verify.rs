//! `gatos grant verify`: whether a grant counts now.

use clap::Args;
use gatos::governance::verify_grant;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos grant verify bafyreic3pq";

/// Check that a grant counts now: signatures, approvals, policy, and that nobody took it back
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The grant: its id, or the beginning of it
    grant: String,
}

impl Verify {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let view = verify_grant(context.repository()?, &self.grant)?;
        Ok(Report::new(view))
    }
}
