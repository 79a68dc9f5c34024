//! `gatos policy check`: what can be said against rules.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::{check, load};

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy check policy
  gatos policy check research --json";

/// Check the rules of a policy
///
/// Says everything that keeps the sources from being compiled, with its place and what to write
/// instead. Ends with exit code 1 if there is anything.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Check {
    /// A folder of `.rgs` files, one file, or a template
    #[arg(value_name = "POLICY", default_value = "policy")]
    policy: PathBuf,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let report = check(&load(&self.policy)?);
        let exit = match report.problems.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        };
        Ok(Report::ending(exit, report))
    }
}
