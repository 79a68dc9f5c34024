//! `gatos policy fmt-check`: whether rules are laid out as they should.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::{fmt_check, load};

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy fmt-check policy
  gatos policy fmt-check policy --json";

/// Check the layout of the rules of a policy
///
/// One tab for each line that opened a bracket, one space between words, at most one blank line.
/// Ends with exit code 1 if a file is laid out otherwise.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct FmtCheck {
    /// A folder of `.rgs` files, one file, or a template
    #[arg(value_name = "POLICY", default_value = "policy")]
    policy: PathBuf,
}

impl FmtCheck {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let report = fmt_check(&load(&self.policy)?)?;
        let exit = match report.files.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        };
        Ok(Report::ending(exit, report))
    }
}
