//! `gatos bisect good`: how the state at hand is.

use clap::Args;
use gatos::bisect::Judgement;

use super::judged;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect good
  gatos bisect good 512";

/// The state at hand is good
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Good {
    /// Judge the state after COUNT events instead of the one at hand
    #[arg(value_name = "COUNT")]
    events: Option<u64>,
}

impl Good {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        judged(context, Judgement::Good, self.events)
    }
}
