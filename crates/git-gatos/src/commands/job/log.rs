//! `gatos job log`: what a job printed.

use clap::Args;
use gatos::experiment::execution_log;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos job log 01JD9GZ3";

/// Print everything that a job printed
///
/// An experiment means the job that it rests on; `gatos job list` also has those that failed.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Log {
    /// The job or its experiment: its ULID or the CID of its proof, the beginning of either, or
    /// its ref
    id: String,
}

impl Log {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::bytes(execution_log(
            context.repository()?,
            &self.id,
        )?))
    }
}
