//! `gatos policy explain`: rules in words, decisions with what each rule said, and refusals decided again.

use std::path::PathBuf;

use clap::Args;
use gatos::policy::{explain, list};

use super::program_of;
use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos policy explain                                the rules in force
  gatos policy explain plan-quorum                    one of them
  gatos policy explain --policy policy.rgc            those of a file
  gatos policy explain --input push.json              what they say to an input, and why
  git fetch origin 'refs/gatos/audit/*:refs/gatos/audit/*'
  gatos policy explain 01KAZ4YB                       why a push was refused";

/// Show rules, what they say to an input, or why a push was refused
///
/// An input is the JSON document of docs/spec/policy.md. Every rule that is about its intent is asked
/// alone, so that one sees which of them spoke, and which failed. A refusal is decided again from what
/// was kept, offline; ends with exit code 4 if it does not come out the same, byte for byte.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The id of a rule, or of a refusal: its ULID or CID, the beginning of either, or its ref;
    /// all rules if not given
    #[arg(value_name = "RULE|REFUSAL", conflicts_with = "input")]
    id: Option<String>,
    /// Judge the input in this file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The rules: a folder, a file `.rgc` or a template; those in force if not given
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
}

impl Explain {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        if let Some(id) = self.id.as_deref().filter(|id| is_refusal(id)) {
            let replay = gatos::gate::explain(context.repository()?, id)?;
            let exit = if replay.same {
                Exit::Done
            } else {
                Exit::Mismatch
            };
            return Ok(Report::ending(exit, replay));
        }
        let program = program_of(self.policy.as_deref(), context)?;
        match &self.input {
            Some(path) => Ok(Report::new(explain(&program, &context.read_text(path)?)?)),
            None => Ok(Report::new(list(&program, self.id.as_deref())?)),
        }
    }
}

/// Whether somebody names a refusal. ULIDs of this age of the world begin with a digit, CIDs with `bafy`
/// and refs have slashes; ids of rules begin with a letter and have none.
fn is_refusal(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_digit()) || id.starts_with("bafy") || id.contains('/')
}
