//! `gatos policy verify`: whether compiled rules are what they say.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::compiled;

use super::program_of;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy verify                        the rules in force
  gatos policy verify policy.rgc";

/// Verify compiled rules
///
/// Compiles what the block carries once more and compares. Ends with exit code 4 if it is damaged or
/// nobody compiled it so, and with 5 if it is for another engine.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verify {
    /// A file of compiled rules; the rules in force if not given
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Verify {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let program = program_of(self.file.as_deref(), context)?;
        Ok(Report::new(compiled(&program)))
    }
}
