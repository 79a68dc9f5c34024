//! `gatos reproduce`: build an experiment again from nothing, and compare.

use std::path::PathBuf;

use clap::Args;
use gatos::Signer;
use gatos::evidence::{gather, read_archive};
use gatos::experiment::{
    Dependencies, ReproduceOptions as Options, ReproductionReport, Room, Subject, reproduce, select,
};

use super::run::flake;
use super::verify::archive;
use crate::arguments::{KeyArguments, PinArguments};
use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos reproduce 01JD9GZ3                   build it again and compare every output
  gatos reproduce study.car                  from one file, on any machine
  gatos reproduce study.car --repo-id bafyrei… --output verdict.cbor
                                             and a signed verdict to send back
  gatos reproduce 01JD9GZ3 --from-source     build what it is built with, too
  gatos reproduce 01JD9GZ3 --from .          what do the files here give?
  gatos reproduce 01JD9GZ3 --keep room       keep the clean room, to look at";

/// Build an experiment again in a clean room, and compare every output bit by bit
///
/// The target is built in a store that was empty, in the sandbox; nothing about it is taken from a
/// cache. The verdict is signed into this repository, success or failure: identical (0), identical
/// from another program (0, or 7 with --strict), diverged (4), blocked (5), or inputs differ (6).
/// From a file of evidence it is only printed, unless --output says where to write it. Such a file
/// can be made up whole, founder included: name the repository or the founder that you expect.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Reproduce {
    /// The experiment (its ULID or CID, the beginning of either, or its ref), or a file of evidence
    #[arg(value_name = "ID|FILE")]
    subject: String,
    /// Build everything that the target is built with, too, rather than take it from caches
    #[arg(long)]
    from_source: bool,
    /// Accept the same program only, not another one with the same outputs
    #[arg(long)]
    strict: bool,
    /// Build the study of this flake instead of the recorded derivation
    #[arg(long, value_name = "FLAKE[#ATTR]")]
    from: Option<String>,
    /// Make the clean room in this folder, and leave it there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Write the signed verdict to FILE, for `gatos evidence verdict` to check
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pins: PinArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl Reproduce {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let options = self.options(context)?;
        let progress = &mut context.progress();
        let pins = self.pins.pins();
        let report = match archive(&self.subject) {
            Some(path) => {
                let signs = self.key.key.is_some() || self.output.is_some();
                let signer = signs.then(|| context.signer(&self.key));
                let signer = signer.transpose()?;
                let subject = Subject {
                    evidence: &read_archive(&path)?,
                    pins: &pins,
                    repository: None,
                    signer: signer.as_deref().map(|signer| signer as &dyn Signer),
                };
                reproduce(&subject, &options, progress)?
            }
            None => {
                let repository = context.repository()?;
                let signer = context.signer(&self.key)?;
                let subject = Subject {
                    evidence: &gather(repository, &select(repository, &self.subject)?)?,
                    pins: &pins,
                    repository: Some(repository),
                    signer: Some(&*signer),
                };
                reproduce(&subject, &options, progress)?
            }
        };
        Ok(Report::ending(self.exit(&report), report))
    }

    fn options(&self, context: &Context) -> Result<Options, Failure> {
        Ok(Options {
            dependencies: if self.from_source {
                Dependencies::Source
            } else {
                Dependencies::Anywhere
            },
            from: self.from.as_deref().map(flake),
            scratch: self.keep.clone().unwrap_or_else(std::env::temp_dir),
            room: if self.keep.is_some() {
                Room::Kept
            } else {
                Room::Removed
            },
            verdict: self.output.clone(),
            cancel: context.cancel()?,
        })
    }

    fn exit(&self, report: &ReproductionReport) -> Exit {
        if self.strict && report.is_from_another_program() {
            return Exit::OtherProgram;
        }
        report.failure().map_or(Exit::Done, Exit::from)
    }
}
