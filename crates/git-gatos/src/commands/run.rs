//! `gatos run`: run a study and record everything about it.

use std::path::PathBuf;

use clap::Args;
use gatos::Requirement;
use gatos::experiment::{Request, run};

use crate::arguments::KeyArguments;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos run                                  the study in this folder
  gatos run experiments/co2                  the study in that one
  gatos run .#penguins                       one of several in a flake
  id=$(gatos run --quiet)                    its identifier alone";

/// Run a study and record everything about it
///
/// Evaluates the flake, folds the journals whose states are inputs, builds the job with Nix in the
/// sandbox, hashes every input and output, appends the events that the job left, folds again, and
/// signs a proof of each step. Prints the identifier of the Proof-of-Experiment. A job that fails
/// is recorded too.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Run {
    /// The study: the folder of its flake, and # and its package if that is not `default`
    #[arg(value_name = "FLAKE[#ATTR]", default_value = ".")]
    study: String,
    /// Run although Git does not have all files as they are, and say so in the proof
    #[arg(long)]
    allow_dirty: bool,
    #[command(flatten)]
    key: KeyArguments,
}

impl Run {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let (folder, attribute) = flake(&self.study);
        let request = Request {
            folder,
            attribute,
            dirty: if self.allow_dirty {
                Requirement::Recorded
            } else {
                Requirement::Required
            },
            cancel: context.cancel()?,
        };
        let repository = context.repository()?;
        let signer = context.signer(&self.key)?;
        let report = run(repository, &request, &*signer, &mut context.progress())?;
        Ok(Report::new(report))
    }
}

/// The folder and the package of a study as people name it.
pub(super) fn flake(text: &str) -> (PathBuf, String) {
    let (folder, attribute) = text.split_once('#').unwrap_or((text, ""));
    let or = |text: &str, otherwise: &str| {
        if text.is_empty() {
            otherwise.to_owned()
        } else {
            text.to_owned()
        }
    };
    (or(folder, ".").into(), or(attribute, "default"))
}
