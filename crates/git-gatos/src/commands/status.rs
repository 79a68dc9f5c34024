//! `gatos status`: where one is.

use clap::Args;
use gatos::experiment::{experiments, reproductions};
use gatos::fold::states;
use gatos::journal::journals;

use crate::output::human::StatusReport;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos status
  gatos status --quiet                       the repository's id alone";

/// Show where you are: repository, policy, journals, states, experiments
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Status {}

impl Status {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        Ok(Report::new(StatusReport {
            repository: repository.overview(),
            journals: journals(repository)?,
            states: states(repository)?,
            experiments: experiments(repository)?,
            reproductions: reproductions(repository)?,
        }))
    }
}
