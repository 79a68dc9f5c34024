//! `gatos new`: a study to begin with.

use std::path::PathBuf;

use clap::Args;
use gatos::study::create;

use crate::template::FILES;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos new my-study && cd my-study && gatos init && gatos run";

/// Begin a study: a folder with a program, data, a fold, and a README that explains them
///
/// The files are those of `nix flake init -t gatos#experiment`; the folder becomes a Git
/// repository.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct New {
    /// The folder to make
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl New {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        Ok(Report::new(create(&self.folder, FILES)?))
    }
}
