//! The commands, one in each file.

mod generate;
mod run;
mod status;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gatos::Repository;

use crate::failure::Failure;

/// What can be done.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    Run(run::Run),
    Status(status::Status),
    #[command(subcommand, hide = true)]
    Generate(generate::Generate),
}

impl Command {
    /// Do it.
    pub(crate) fn run(&self, json: bool) -> Result<(), Failure> {
        match self {
            Self::Run(command) => command.run(json),
            Self::Status(command) => command.run(json),
            Self::Generate(command) => command.run(),
        }
    }
}

/// Which repository, and where its daemon listens.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// The repository that PATH is in
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) repository: PathBuf,
    /// Listen at this socket; below the repository's Git directory if not given
    ///
    /// Programs find another place by the Git setting `gatos.daemon`.
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
}

impl Place {
    pub(crate) fn open(&self) -> Result<Repository, Failure> {
        // As people know it; where there is no such folder, the error names what was typed.
        let path = std::fs::canonicalize(&self.repository);
        let path = path.as_deref().unwrap_or(&self.repository);
        Ok(Repository::discover(path)?)
    }
}
