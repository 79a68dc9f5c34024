//! `gatos state check-proof`: check a proof with nothing but itself.

use std::path::PathBuf;

use clap::Args;
use gatos::Cid;
use gatos::fold::check_proof;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos state check-proof mean.proof
  gatos state check-proof mean.proof --state-root bafyrei…
  gatos state prove yearly means.1987 | gatos state check-proof -";

/// Check a proof that `gatos state prove` made; no repository is needed
///
/// The proof is about the state with the root that it names: compare that with one you trust, or the
/// signers of the Proof-of-Fold with those you trust.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckProof {
    /// The proof; `-` for standard input
    file: PathBuf,
    /// The state that the proof must be about
    #[arg(long, value_name = "CID")]
    state_root: Option<Cid>,
}

impl CheckProof {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let file = context.read(&self.file)?;
        Ok(Report::new(check_proof(file, self.state_root)?))
    }
}
