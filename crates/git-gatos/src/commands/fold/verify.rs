//! `gatos fold verify`: a state's newest link or its whole chain, and the fold again.

use clap::Args;
use gatos::StateName;
use gatos::fold::states;
use gatos::verify::{verify_state, verify_state_link};

use crate::commands::verify::report;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos fold verify yearly                 the newest checkpoint, from the one before
  gatos fold verify yearly --full          every checkpoint, from the first event on
  gatos fold verify refs/gatos/state/yearly";

/// What stands before a state's name in its ref.
const PREFIX: &str = "refs/gatos/state/";

/// Verify a state: its newest link, or its whole chain, by folding again
///
/// Quickly: the newest checkpoint follows from the one that it continues, by the events between, and
/// the state before them is taken as its proof says. With --full the whole chain of proofs, and every
/// checkpoint by folding from the first event on; nothing is taken from earlier verifications.
///
/// Tells a state that is not what the program makes of the journal (4) from a proof that somebody
/// signed who may not (8), from a history that is not all here (9), and from a fold of another engine
/// than this program has (5).
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The state, or its ref
    #[arg(value_parser = state)]
    state: StateName,
    /// Verify the whole chain, from the first event on
    #[arg(long)]
    full: bool,
}

impl Verify {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let (repository, progress) = (context.repository()?, &mut context.progress());
        // A state that is not there is a mistake of whoever typed, and no finding.
        let name = self.state.as_str();
        if !states(repository)?.iter().any(|state| state.state == name) {
            return Err(Failure::usage(format!("there is no state `{name}`"))
                .hint("`gatos state list` shows those there are"));
        }
        let verify = if self.full {
            verify_state
        } else {
            verify_state_link
        };
        let verification = verify(repository, &self.state, progress);
        Ok(report(verification))
    }
}

fn state(text: &str) -> Result<StateName, String> {
    let name = text.strip_prefix(PREFIX).unwrap_or(text);
    name.parse()
        .map_err(|error: gatos::NameError| error.to_string())
}
