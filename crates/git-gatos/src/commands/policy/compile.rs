//! `gatos policy compile`: compiled rules.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::{compile, load};

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy compile policy                    print the policy_code_root
  gatos policy compile policy -o policy.rgc      and write the compiled rules";

/// Compile the rules of a policy, and print their policy_code_root
///
/// The compiled rules carry everything that a decision needs. Comments, indentation and spaces do not
/// change them; tests are not in them.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Compile {
    /// A folder of `.rgs` files, one file, or a template
    #[arg(value_name = "POLICY", default_value = "policy")]
    policy: PathBuf,
    /// Write the compiled rules to this file; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Compile {
    pub(crate) fn run(&self) -> Result<Report<'_>, Failure> {
        let report = compile(&load(&self.policy)?)?;
        match &self.output {
            None => {}
            Some(path) if path.as_os_str() == "-" => return Ok(Report::bytes(report.rgc)),
            Some(path) => std::fs::write(path, &report.rgc).map_err(|error| {
                let shown = path.display();
                Failure::new(Exit::Failed, format!("cannot write `{shown}`: {error}"))
            })?,
        }
        Ok(Report::new(report))
    }
}
