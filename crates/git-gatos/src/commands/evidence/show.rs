//! `gatos evidence show`: what a file of evidence holds.

use std::path::PathBuf;

use clap::Args;
use gatos::evidence::read_archive;

use crate::output::human::Contents;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos evidence show study.car";

/// Show what a file of evidence holds
///
/// Every block is what its id says, or this fails; statements and folds are for `gatos verify` to
/// check.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The file
    file: PathBuf,
}

impl Show {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let evidence = read_archive(&self.file)?;
        let path = self.file.display().to_string();
        let manifest = evidence.manifest();
        let experiment = evidence.statement_id(&manifest.experiment)?;
        let execution = evidence.statement_id(&manifest.execution)?;
        let ids = (experiment.to_string(), execution.to_string());
        Ok(Report::new(Contents::of(path, ids, manifest)))
    }
}
