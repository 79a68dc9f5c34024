//! `gatos policy activate`: put a proposed policy in force.

use clap::Args;
use gatos::daemon;

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy activate bafyreic3pq";

/// Put a proposed policy in force, from this place in history on
///
/// Where every ref stands is recorded and signed. What the policy before allowed to sign is what is
/// there now, and nothing that comes later: a key that is taken out loses its word at this place,
/// whatever clocks say.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Activate {
    /// A grant of a policy; or the proposal, where the rules ask for no consensus
    id: String,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl Activate {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let signer = context.signer(&self.key)?;
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        Ok(Report::new(daemon::activate(through, &self.id, &*signer)?))
    }
}
