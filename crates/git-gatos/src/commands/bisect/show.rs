//! `gatos bisect show`: the state at hand.

use clap::Args;
use gatos::StatePath;
use gatos::bisect::{resume, show};

use crate::output::human::Json;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect show
  gatos bisect show --path means.1987";

/// Show the state at hand, as JSON
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Show {
    /// Only the value at PATH
    #[arg(long, value_name = "PATH")]
    path: Option<StatePath>,
}

impl Show {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let path = self.path.clone().unwrap_or_default();
        let value = show(repository, &resume(repository)?, &path)?;
        Ok(Report::new(Json(value)))
    }
}
