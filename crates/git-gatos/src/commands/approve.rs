//! `gatos approve` and `gatos reject`: say yes or no to a proposal.

use clap::Args;
use gatos::daemon;
use gatos::governance::Verdict;

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos approve bafyreih5wq
  gatos reject bafyreih5wq --reason 'the sample is too small'";

/// Say yes to a proposal
///
/// Each key says yes or no once, and it stays. Several keys of one person are one voice.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Approve {
    #[command(flatten)]
    said: Said,
}

/// Say no to a proposal
///
/// Each key says yes or no once, and it stays.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Reject {
    #[command(flatten)]
    said: Said,
}

/// What both take.
#[derive(Args, Clone, Debug)]
struct Said {
    /// The proposal: its id, or the beginning of it
    proposal: String,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl Approve {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        self.said.run(context, Verdict::Approve)
    }
}

impl Reject {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        self.said.run(context, Verdict::Reject)
    }
}

impl Said {
    fn run<'c>(&'c self, context: &'c Context, verdict: Verdict) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let signer = context.signer(&self.key)?;
        let said = (verdict, self.reason.as_str());
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        let report = daemon::approve(through, &self.proposal, said, &*signer)?;
        Ok(Report::new(report))
    }
}
