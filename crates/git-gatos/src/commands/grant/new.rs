//! `gatos grant new`: the grant of a proposal that is approved.

use clap::Args;
use gatos::daemon;

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos grant new bafyreih5wq";

/// Write the grant of a proposal, if the policy in force is satisfied
///
/// A grant holds the proposal and all that was said of it, so that it proves by itself that it was
/// given. Whoever writes it, and in whatever order approvals came, it has the same id.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct New {
    /// The proposal: its id, or the beginning of it
    proposal: String,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl New {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let signer = context.signer(&self.key)?;
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        Ok(Report::new(daemon::grant(
            through,
            &self.proposal,
            &*signer,
        )?))
    }
}
