//! `gatos proposal watch`: what happens when people agree, as it happens.

use std::time::Duration;

use clap::Args;
use gatos::Progress as _;
use gatos::governance::Observer;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos proposal watch
  gatos proposal watch --all --json | jq --unbuffered 'select(.step == \"quorum-reached\")'";

/// How often the refs are looked at.
const PACE: Duration = Duration::from_millis(200);

/// Print what happens when people agree, as it happens, until ctrl-C
///
/// Proposals, what is said of them, quorum that is reached or lost, grants that are given, taken back or used up, and
/// policies that take effect, whoever writes them and wherever they come from. What does not verify or does not count
/// is a warning. A daemon announces the same to programs.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Watch {
    /// Begin with everything that is there already
    #[arg(long)]
    all: bool,
    /// End after this many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

impl Watch {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let cancel = context.cancel()?;
        context.repository()?;
        let mut observer = Observer::new();
        let mut renewed = None;
        let mut left = self.limit.unwrap_or(u64::MAX);
        let mut tell = self.all;
        let mut progress = context.progress();
        Ok(Report::live(move |print| {
            while left > 0 && !cancel.is_cancelled() {
                let repository = renewed.as_ref().unwrap_or(context.repository()?);
                if let Some(next) = repository.renewed()? {
                    renewed = Some(next);
                    continue;
                }
                let look = observer.look(repository)?;
                for trouble in &look.troubles {
                    progress.note(&format!("something does not count: {trouble}"));
                }
                for transition in look.transitions.iter().filter(|_| tell) {
                    if left > 0 {
                        left -= 1;
                        print(transition)?;
                    }
                }
                tell = true;
                std::thread::sleep(PACE);
            }
            Ok(())
        }))
    }
}
