//! `gatos bisect run`: let a predicate do the rest of a search.

use clap::Args;
use gatos::bisect::{resume, run};

use super::{Asked, ended};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect run --predicate ./check.sh
  gatos bisect run --expression 'state.total >= 0'";

/// Let a predicate do the rest of a search
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Run {
    #[command(flatten)]
    asked: Asked,
}

impl Run {
    pub(super) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let predicate = self.asked.predicate()?;
        let repository = context.repository()?;
        let mut session = resume(repository)?;
        let mut progress = context.progress();
        let found = run(repository, &mut session, &predicate, &mut progress)?;
        Ok(ended(found))
    }
}
