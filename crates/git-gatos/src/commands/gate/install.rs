//! `gatos gate install`: set up a server's repository.

use std::path::PathBuf;

use clap::Args;
use gatos::RepoId;
use gatos::gate::{Options, Overwrite, install};

use super::{program, repository};
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos gate install /srv/git/study.git
  gatos gate install study.git --repo-id bafyrei…   only this repository may be founded there
  gatos gate install study.git --pusher REMOTE_USER the server says there who pushes";

/// Set up the gate of a bare repository: hooks, settings, and a key
///
/// The hooks start this very program, by its absolute path. Doing it again repairs what was changed.
/// From then on a push is judged before Git accepts it, and applied as a whole or not at all.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Install {
    /// The bare repository; the working directory if not given
    repository: Option<PathBuf>,
    /// Keep hooks of somebody else's beside, where they run no more
    #[arg(long)]
    force: bool,
    /// Accept the history of this repository only
    #[arg(long, value_name = "CID")]
    repo_id: Option<RepoId>,
    /// The variable in which the server says who pushes; it must be there then
    #[arg(long, value_name = "VARIABLE", value_parser = variable)]
    pusher: Option<String>,
}

impl Install {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let options = Options {
            program: program()?,
            overwrite: if self.force {
                Overwrite::Keep
            } else {
                Overwrite::Refuse
            },
            pusher: self.pusher.clone(),
            repo: self.repo_id,
        };
        let report = install(&repository(self.repository.as_ref())?, &options)?;
        Ok(Report::new(report))
    }
}

fn variable(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || !text.chars().all(plain) {
        return Err("no name of a variable".to_owned());
    }
    Ok(text.to_owned())
}
