//! `gatos foldc`: compile a fold program.

use std::path::PathBuf;

use clap::Args;
use gatos::fold::{compile, explain};

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos foldc fold.lua                       print its fold_root
  gatos foldc fold.lua -o fold.elc           and write the compiled program
  gatos foldc fold.lua --explain | jq .      what a proof binds, as JSON";

/// Compile a fold program, and print its fold_root
///
/// The compiled program is all that a proof binds: comments, white space and the names of files and
/// folders do not change it.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Foldc {
    /// The program in EchoLua; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the compiled program to this file; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the compiled program as JSON
    #[arg(long, conflicts_with = "output")]
    explain: bool,
}

impl Foldc {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let source = context.read_text(&self.file)?;
        let report = compile(&source, &self.file.display().to_string())?;
        if self.explain {
            return Ok(Report::bytes(explain(&report.elc)?.into_bytes()));
        }
        match &self.output {
            None => {}
            Some(path) if path.as_os_str() == "-" => return Ok(Report::bytes(report.elc)),
            Some(path) => std::fs::write(path, &report.elc).map_err(|error| {
                let shown = path.display();
                Failure::new(Exit::Failed, format!("cannot write `{shown}`: {error}"))
            })?,
        }
        Ok(Report::new(report))
    }
}
