//! `gatos bisect run`: let a predicate do the rest of a search.

use clap::Args;
use gatos::bisect::{resume, run};

use super::{Asked, ended};
use crate::{Context, Failure, Report};

/// Let a predicate do the rest of a search
#[derive(Args, Clone, Debug)]
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
