//! `gatos policy diff`: what is different between two policies.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::diff;

use super::program_of;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy diff policy                   from the rules in force to those in a folder
  gatos policy diff old.rgc new.rgc";

/// Show what is different between two policies, rule by rule
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Diff {
    /// The rules before, or, if it is the only one, those after the ones in force
    #[arg(value_name = "POLICY")]
    first: PathBuf,
    /// The rules after
    #[arg(value_name = "POLICY")]
    second: Option<PathBuf>,
}

impl Diff {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let (before, after) = match &self.second {
            Some(second) => (Some(self.first.as_path()), second),
            None => (None, &self.first),
        };
        let before = program_of(before, context)?;
        Ok(Report::new(diff(
            &before,
            &program_of(Some(after), context)?,
        )))
    }
}
