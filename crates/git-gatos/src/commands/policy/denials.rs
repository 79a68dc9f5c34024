//! `gatos policy denials`: every refusal that was recorded.

use clap::Args;
use gatos::gate::denials;

use crate::output::human::List;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy denials
  gatos policy denials --json";

/// List the refusals that a gate recorded, oldest first
///
/// They are in refs/gatos/audit/policy/deny/ of the server: fetch them first.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Denials {}

impl Denials {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(List(denials(context.repository()?)?)))
    }
}
