//! `gatos verify`: check everything offline.

use std::path::PathBuf;

use clap::Args;
use gatos::evidence::{gather, read_archive};
use gatos::experiment::select;
use gatos::verify::{Verification, verify_experiment, verify_repository};

use crate::arguments::PinArguments;
use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos verify 01JD9GZ3                      an experiment of this repository
  gatos verify study.car --repo-id bafyrei…  evidence that somebody sent
  gatos verify --all                         everything under refs/gatos/";

/// Verify an experiment, a file of evidence, or a whole repository; offline
///
/// Checks every signature, hash and policy binding, and runs each fold again: one line for each
/// thing checked, and a verdict. A file of evidence can be made up whole, founder included: name
/// the repository or the founder that you expect.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The experiment (its ULID or CID, the beginning of either, or its ref), or a file of evidence
    #[arg(value_name = "ID|FILE", required_unless_present = "all")]
    subject: Option<String>,
    /// Verify everything in this repository
    #[arg(long, conflicts_with = "subject")]
    all: bool,
    #[command(flatten)]
    pins: PinArguments,
}

impl Verify {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let progress = &mut context.progress();
        let pins = self.pins.pins();
        let verification = match &self.subject {
            None => verify_repository(context.repository()?, &pins, progress),
            Some(subject) => match archive(subject) {
                Some(path) => verify_experiment(&read_archive(&path)?, &pins, progress),
                None => {
                    let repository = context.repository()?;
                    let evidence = gather(repository, &select(repository, subject)?)?;
                    verify_experiment(&evidence, &pins, progress)
                }
            },
        };
        Ok(report(verification))
    }
}

/// The file that a subject is, if it is one.
pub(super) fn archive(subject: &str) -> Option<PathBuf> {
    let path = PathBuf::from(subject);
    let named = path.extension().is_some_and(|ending| ending == "car");
    (named || path.is_file()).then_some(path)
}

/// The report of a verification ends as its verdict says.
pub(crate) fn report<'c>(verification: Verification) -> Report<'c> {
    let exit = verification.failure().map_or(Exit::Done, Exit::from);
    Report::ending(exit, verification)
}
