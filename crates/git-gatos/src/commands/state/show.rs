//! `gatos state show`: the content of a state.

use clap::Args;
use gatos::StateName;
use gatos::fold::show;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state show yearly
  gatos state show yearly --at 0                 the first checkpoint
  gatos state show yearly --json | jq .value
  gatos state show yearly --quiet > yearly.json  the file that a job would get";

/// Show a state and its proof
///
/// With --quiet the state alone, byte for byte as a job gets it that has it as an input.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The state
    state: StateName,
    /// An earlier checkpoint, by its number from 0; the newest if not given
    #[arg(long, value_name = "NUMBER")]
    at: Option<u64>,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(show(
            context.repository()?,
            &self.state,
            self.at,
        )?))
    }
}
