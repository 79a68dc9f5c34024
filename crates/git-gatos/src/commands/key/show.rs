//! `gatos key show`: the key that signs.

use clap::Args;
use gatos::signer::describe;

use crate::arguments::KeyArguments;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos key show
  gatos key show --key agent
  git config gatos.signingKey ~/.ssh/gatos   sign with that one from now on";

/// Show the key that you sign with
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    #[command(flatten)]
    key: KeyArguments,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(describe(&context.signer(&self.key)?)))
    }
}
