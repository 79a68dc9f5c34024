//! `gatos state prove`: what a state holds at a path, for whoever has no repository.

use std::path::PathBuf;

use clap::Args;
use gatos::fold::{At, Point, prove};
use gatos::{StateName, StatePath};

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state prove yearly means.1987 -o mean.proof
  gatos state prove yearly means.1850 -o none.proof   that there is nothing
  gatos state check-proof mean.proof";

/// Prove what a state holds at a path, or that it holds nothing there
///
/// The proof is a file with the blocks of the state on the way and the Proof-of-Fold, which says what was
/// folded and who signed. Anybody can check it with nothing but SHA-256.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Prove {
    /// The state
    state: StateName,
    /// The path: `groups.Adelie`, `samples[3].when`, `["any key"]`
    path: StatePath,
    /// An earlier checkpoint: its number from 0, the id of its proof or state, a commit or a ref
    #[arg(long, value_name = "POINT")]
    at: Option<At>,
    /// Write the proof to FILE; without it, print it to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Prove {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let point = Point {
            state: Some(self.state.clone()),
            at: self.at.clone().unwrap_or_default(),
        };
        let proof = prove(context.repository()?, &point, self.path.clone())?;
        match &self.output {
            None => Ok(Report::bytes(proof.file)),
            Some(path) => {
                std::fs::write(path, &proof.file).map_err(|error| {
                    let shown = path.display();
                    Failure::new(Exit::Failed, format!("cannot write `{shown}`: {error}"))
                })?;
                Ok(Report::new(proof))
            }
        }
    }
}
