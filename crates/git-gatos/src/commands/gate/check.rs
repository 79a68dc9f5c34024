//! `gatos gate check`: whether a server's repository is still set up.

use std::path::PathBuf;

use clap::Args;
use gatos::gate::check_installation;

use super::{program, repository};
use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos gate check /srv/git/study.git";

/// Say what is wrong with the gate of a repository, and how to mend it
///
/// Ends with exit code 4 if anything is.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Check {
    /// The bare repository; the working directory if not given
    repository: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let report = check_installation(&repository(self.repository.as_ref())?, &program()?)?;
        let exit = if report.findings.is_empty() {
            Exit::Done
        } else {
            Exit::Mismatch
        };
        Ok(Report::ending(exit, report))
    }
}
