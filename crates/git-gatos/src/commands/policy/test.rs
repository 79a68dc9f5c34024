//! `gatos policy test`: the tests of a policy.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::{load, test};

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy test policy
  gatos policy test regulated";

/// Run the tests of a policy
///
/// The tests are the rules `test_…` in files `*_test.rgs`. Says which lines of the rules they did not
/// reach, and which rules spoke in none of them. Ends with exit code 1 if one fails, or if there is
/// none.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Test {
    /// A folder of `.rgs` files, or a template
    #[arg(value_name = "POLICY", default_value = "policy")]
    policy: PathBuf,
}

impl Test {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let report = test(&load(&self.policy)?)?;
        let exit = match report.passed {
            true => Exit::Done,
            false => Exit::Failed,
        };
        Ok(Report::ending(exit, report))
    }
}
