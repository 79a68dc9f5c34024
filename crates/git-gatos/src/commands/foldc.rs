//! `gatos foldc`: compile a fold program.

use std::path::PathBuf;

use clap::Args;
use gatos::fold::{DEFINITIONS, compile, explain, listing, program_json};

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos foldc fold.lua                       print its fold_root
  gatos foldc fold.lua -o fold.elc           and write the compiled program
  gatos foldc fold.lua --listing             what a proof binds, as EchoLua
  gatos foldc fold.lua --program | jq .      the same as JSON, as it is hashed
  gatos foldc --explain E0111                what an error means
  gatos foldc --definitions > echolua.lua    the library, for editors";

/// Compile a fold program, and print its fold_root
///
/// The compiled program is all that a proof binds: comments, white space and the names of locals,
/// files and folders do not change it.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Foldc {
    /// The program in EchoLua; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["explain", "definitions"])]
    file: Option<PathBuf>,
    /// Write the compiled program to this file; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the compiled program as EchoLua, which compiles to the same fold_root
    #[arg(long, conflicts_with = "output")]
    listing: bool,
    /// Print the compiled program as JSON
    #[arg(long, conflicts_with_all = ["output", "listing"])]
    program: bool,
    /// Explain an error of EchoLua by its number, with an example
    #[arg(long, value_name = "CODE", conflicts_with_all = ["file", "output", "listing", "program"])]
    explain: Option<String>,
    /// Print the library as a definition file of lua-language-server
    #[arg(long, exclusive = true)]
    definitions: bool,
}

impl Foldc {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        if let Some(code) = &self.explain {
            return Ok(Report::new(explain(code)?));
        }
        let Some(file) = self.file.as_deref().filter(|_| !self.definitions) else {
            return Ok(Report::bytes(DEFINITIONS.as_bytes().to_vec()));
        };
        let source = context.read_text(file)?;
        let report = compile(&source, &file.display().to_string())?;
        if self.listing {
            return Ok(Report::bytes(listing(&report.elc)?.into_bytes()));
        }
        if self.program {
            return Ok(Report::bytes(program_json(&report.elc)?.into_bytes()));
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
