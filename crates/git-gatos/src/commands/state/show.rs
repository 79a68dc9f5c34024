//! `gatos state show`: the content of a state.

use clap::Args;
use gatos::fold::{At, Point, show};
use gatos::{StateName, StatePath};

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state show yearly
  gatos state show yearly --at 0                 the first checkpoint
  gatos state show yearly --path means.1987      one value, read without the others
  gatos state show yearly --json | jq .value
  gatos state show yearly --quiet > yearly.json  the file that a job would get";

/// Show a state and its proof
///
/// With --quiet the state alone, byte for byte as a job gets it that has it as an input. With --path, only
/// what is on the way to the value is read.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The state
    state: StateName,
    /// The value at PATH: `groups.Adelie`, `samples[3].when`, `["any key"]`
    #[arg(long, value_name = "PATH")]
    path: Option<StatePath>,
    /// An earlier checkpoint: its number from 0, the id of its proof or state, a commit or a ref; the
    /// newest if not given
    #[arg(long, value_name = "POINT")]
    at: Option<At>,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let point = Point {
            state: Some(self.state.clone()),
            at: self.at.clone().unwrap_or_default(),
        };
        let path = self.path.clone().unwrap_or_default();
        Ok(Report::new(show(context.repository()?, &point, &path)?))
    }
}
