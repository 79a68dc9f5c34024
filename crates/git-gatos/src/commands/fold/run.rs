//! `gatos fold run`: fold a journal, and sign a proof of it.

use std::path::PathBuf;

use clap::Args;
use gatos::fold::{ProgramSource, Request, run};
use gatos::{JournalName, StateName};

use crate::arguments::KeyArguments;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos fold run yearly --journal measurements --program yearly.lua
  gatos fold run yearly --journal measurements --program yearly.elc   compiled by `gatos foldc`
  gatos fold run yearly --journal measurements --program yearly.lua --every 100000";

/// The ending of compiled programs.
const COMPILED: &str = "elc";

/// Fold a journal into a state, and sign a Proof-of-Fold
///
/// Verifies every event, runs the program over all of them, and keeps the state, the compiled
/// program and the proof in refs/gatos/state/. Where that is proved already, nothing is written.
///
/// A fold that was run or verified here before is continued: only newer events are read. It gives
/// the same state, byte for byte.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Run {
    /// The state to make or to bring up to date
    state: StateName,
    /// The journal to fold
    #[arg(long)]
    journal: JournalName,
    /// The program: EchoLua, or compiled if its name ends with .elc
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// Leave a checkpoint whenever so many events were folded, at the end of a batch; 0 for one at the
    /// end. The profile's `checkpoint_every` if not given
    #[arg(long, value_name = "NUMBER")]
    every: Option<u64>,
    #[command(flatten)]
    key: KeyArguments,
}

impl Run {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let request = Request {
            state: self.state.clone(),
            journal: self.journal.clone(),
            program: self.program(context)?,
            every: self.every,
        };
        let signer = context.signer(&self.key)?;
        let progress = &mut context.progress();
        Ok(Report::new(run(repository, &request, &*signer, progress)?))
    }

    fn program(&self, context: &Context) -> Result<ProgramSource, Failure> {
        if self
            .program
            .extension()
            .is_some_and(|ending| ending == COMPILED)
        {
            return Ok(ProgramSource::Compiled(context.read(&self.program)?));
        }
        let name = self.program.display().to_string();
        Ok(ProgramSource::Source(
            context.read_text(&self.program)?,
            name,
        ))
    }
}
