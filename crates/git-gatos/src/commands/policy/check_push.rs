//! `gatos policy check-push`: what a gate would say, before pushing.

use clap::Args;
use gatos::gate::planned_push;

use crate::commands::gate::judged;
use crate::context::directory;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy check-push                    everything under refs/gatos/ that origin does not have
  gatos policy check-push origin refs/gatos/journal/measurements
  gatos policy check-push server main:refs/heads/main --pusher alice";

/// Say what the gate of a server would say of a push; nothing is pushed
///
/// The server is asked where its refs are, and the push is judged here, by the policy in force there.
/// Ends with exit code 3 if it would be refused.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckPush {
    /// The server: a remote's name, or an address
    #[arg(default_value = "origin")]
    remote: String,
    /// What would be pushed: refs, or SOURCE:REF; refs/gatos/* if nothing is given
    refs: Vec<String>,
    /// Judge as if this actor pushed
    #[arg(long, value_name = "NAME")]
    pusher: Option<String>,
}

impl CheckPush {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let pusher = self.pusher.clone();
        let report = planned_push(&directory()?, &self.remote, &self.refs, pusher)?;
        Ok(judged(report))
    }
}
