//! `gatos evidence compare`: outputs that somebody else built, with those that were recorded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use gatos::ItemName;
use gatos::evidence::read_archive;
use gatos::experiment::compare;

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos evidence compare study.car --drv /nix/store/….drv --output out=./result
  gatos evidence compare study.car --output out=./result --strict";

/// Compare outputs that were built already with those that the evidence records
///
/// For a build that somebody else drives, such as `nix flake check`. Ends as `gatos reproduce`
/// does.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Compare {
    /// The file of evidence
    file: PathBuf,
    /// The derivation that was built
    #[arg(long, value_name = "FILE")]
    drv: Option<PathBuf>,
    /// An output and where it is (can be repeated)
    #[arg(long, value_name = "NAME=PATH", value_parser = named, required = true)]
    output: Vec<(ItemName, PathBuf)>,
    /// Accept the same program only, not another one with the same outputs
    #[arg(long)]
    strict: bool,
}

impl Compare {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let outputs: BTreeMap<ItemName, PathBuf> = self.output.iter().cloned().collect();
        let report = compare(&read_archive(&self.file)?, self.drv.as_deref(), &outputs)?;
        let exit = if self.strict && report.is_from_another_program() {
            Exit::OtherProgram
        } else {
            report.failure().map_or(Exit::Done, Exit::from)
        };
        Ok(Report::ending(exit, report))
    }
}

fn named(text: &str) -> Result<(ItemName, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("give a name, `=` and a path")?;
    let name = name
        .parse()
        .map_err(|error: gatos::NameError| error.to_string())?;
    Ok((name, path.into()))
}
