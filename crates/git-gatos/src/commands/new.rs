//! `gatos new`: a study to begin with.

use std::path::PathBuf;

use clap::Args;
use gatos::study::create;

use crate::template::FILES;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos new my-study                         then do what my-study/README.md says";

/// Begin a study: a folder with a program, data, a fold, and a README that explains them
///
/// The files are those of `nix flake init -t gatos#experiment`; the folder becomes a Git
/// repository. The study is called as the folder, where that can be a study's name.
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
