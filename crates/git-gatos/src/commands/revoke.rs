//! `gatos revoke`: take a grant back.

use clap::Args;
use gatos::daemon;

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos revoke bafyreic3pq --reason 'approved by mistake'";

/// Take a grant back, so that it may no longer be used
///
/// Whoever governs may, and whoever proposed or approved it. What was done with it before stays done.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Revoke {
    /// The grant: its id, or the beginning of it
    grant: String,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl Revoke {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let signer = context.signer(&self.key)?;
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        let report = daemon::revoke(through, &self.grant, &self.reason, &*signer)?;
        Ok(Report::new(report))
    }
}
