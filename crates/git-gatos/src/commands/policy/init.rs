//! `gatos policy init`: a policy to begin with.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::write_template;

use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy init --template research policy
  gatos policy test policy";

/// Write a policy to begin with, and its tests
///
/// The templates are `minimal` (the roles, written as rules), `research` (a laboratory whose analysis
/// plan needs two PIs) and `regulated` (four eyes, secrets, exports). Their files are yours to change.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Init {
    /// minimal, research or regulated
    #[arg(long, value_name = "TEMPLATE", default_value = "minimal")]
    template: String,
    /// The folder; it is made if it is not there
    #[arg(value_name = "FOLDER", default_value = "policy")]
    folder: PathBuf,
}

impl Init {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        Ok(Report::new(write_template(&self.template, &self.folder)?))
    }
}
