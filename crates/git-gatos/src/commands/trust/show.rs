//! `gatos trust show`: who may do what.

use clap::Args;
use gatos::governance::write_trust;

use crate::output::human::List as Listed;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos trust show
  gatos trust show --toml > trust.toml";

/// Show the actors, their keys, roles and groups
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// Print the file that `gatos proposal new --trust` takes, to be edited
    #[arg(long, conflicts_with = "json")]
    toml: bool,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        if self.toml {
            let text = write_trust(&repository.policy().1.trust);
            return Ok(Report::bytes(text.into_bytes()));
        }
        Ok(Report::new(Listed(repository.actors())))
    }
}
