//! `gatos policy explain`: why something was refused, decided again.

use clap::Args;
use gatos::gate::explain;

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  git fetch origin 'refs/gatos/audit/*:refs/gatos/audit/*'
  gatos policy explain 01KAZ4YB";

/// Explain a refusal: what was wanted, which rule said no, and what is missing
///
/// The decision is made again from what was kept, offline. Ends with exit code 4 if it does not come out
/// the same, byte for byte.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The refusal: its ULID or CID, the beginning of either, or its ref
    id: String,
}

impl Explain {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let replay = explain(context.repository()?, &self.id)?;
        let exit = if replay.same {
            Exit::Done
        } else {
            Exit::Mismatch
        };
        Ok(Report::ending(exit, replay))
    }
}
