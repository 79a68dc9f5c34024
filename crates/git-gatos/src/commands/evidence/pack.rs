//! `gatos evidence pack`: one file that travels.

use std::path::PathBuf;

use clap::Args;
use gatos::evidence::{gather, pack};
use gatos::experiment::select;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos evidence pack 01JD9GZ3 -o study.car
  gatos evidence pack 01JD9GZ3 -o study.car --with-closure
  gatos verify study.car && gatos reproduce study.car      on another machine";

/// Pack everything that an experiment rests on into one file (CARv1)
///
/// `gatos verify` and `gatos reproduce` take the file on another machine, with no repository.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Pack {
    /// The experiment: its ULID or CID, the beginning of either, or its ref
    id: String,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Add everything that the build needs, so that it can be repeated without a network
    #[arg(long)]
    with_closure: bool,
}

impl Pack {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let mut evidence = gather(repository, &select(repository, &self.id)?)?;
        if self.with_closure {
            evidence.add_closure(&mut context.progress())?;
        }
        Ok(Report::new(pack(&evidence, &self.output)?))
    }
}
