//! `gatos event …`: record and read what happened.

mod append;
mod check_proof;
mod follow;
mod import;
mod list;
mod prove;
mod show;
mod verify;

use clap::Subcommand;
use gatos::Ulid;
use gatos::journal::Which;

use crate::{Context, Failure, Report};

/// Record and read events, and prove them
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Event {
    Append(append::Append),
    Import(import::Import),
    List(list::List),
    Show(show::Show),
    Follow(follow::Follow),
    Verify(verify::Verify),
    Prove(prove::Prove),
    CheckProof(check_proof::CheckProof),
}

impl Event {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Append(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Follow(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Prove(command) => command.run(context),
            Self::CheckProof(command) => command.run(context),
        }
    }
}

/// An event as people name it: by its index in the journal, or by its ULID.
fn which(text: &str) -> Result<Which, String> {
    if let Ok(index) = text.parse() {
        return Ok(Which::Index(index));
    }
    let ulid: Result<Ulid, _> = text.parse();
    ulid.map(Which::Ulid)
        .map_err(|_| "neither an index nor a ULID".to_owned())
}
