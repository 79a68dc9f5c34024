//! `gatos gate check-range`: the gate's judgement where there is no gate.

use clap::Args;
use gatos::gate::{RangeReport, check_range};

use crate::context::directory;
use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos gate check-range \"$BEFORE\" \"$AFTER\" --ref refs/gatos/journal/measurements
  gatos gate check-range origin/main HEAD";

/// Judge a range of commits as the gate would: for CI where hooks cannot be installed
///
/// Says what the gate would say if the ref were at OLD and somebody pushed NEW, with the same rules and
/// the same words. Everything that is needed must have been fetched: refs/gatos/* as it was before.
/// Ends with exit code 3 if it would be refused.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckRange {
    /// Where the ref is: a commit, or zeros if it would be made
    old: String,
    /// Where it would be: a commit, or zeros if it would be deleted
    new: String,
    /// The ref; the branch that is checked out if not given
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
}

impl CheckRange {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let range = (self.old.as_str(), self.new.as_str());
        let report = check_range(&directory()?, self.reference.as_deref(), range)?;
        Ok(judged(report))
    }
}

/// What the gate would say ends as it would.
pub(crate) fn judged<'c>(report: RangeReport) -> Report<'c> {
    let exit = if report.accepted {
        Exit::Done
    } else {
        Exit::Refused
    };
    Report::ending(exit, report)
}
