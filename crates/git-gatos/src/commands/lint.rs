//! `gatos lint`: what can be said against fold programs.

use std::path::PathBuf;

use clap::Args;
use gatos::fold::lint;

use crate::failure::Exit;
use crate::output::human::LintReport;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos lint fold.lua
  gatos lint --json *.lua";

/// Check fold programs without running them
///
/// Says everything that keeps a program from being EchoLua, with its place and what to write
/// instead. Ends with exit code 1 if there is anything.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Lint {
    /// The programs; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Lint {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let mut report = LintReport::default();
        for file in &self.files {
            let name = file.display().to_string();
            let diagnostics = lint(&context.read_text(file)?, &name);
            report.add(&name, diagnostics);
        }
        let exit = if report.is_clean() {
            Exit::Done
        } else {
            Exit::Failed
        };
        Ok(Report::ending(exit, report))
    }
}
