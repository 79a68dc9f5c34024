//! `gatos bisect bad`: how the state at hand is.

use clap::Args;
use gatos::bisect::Judgement;

use super::judged;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect bad
  gatos bisect bad 512";

/// The state at hand is bad
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Bad {
    /// Judge the state after COUNT events instead of the one at hand
    #[arg(value_name = "COUNT")]
    events: Option<u64>,
}

impl Bad {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        judged(context, Judgement::Bad, self.events)
    }
}
