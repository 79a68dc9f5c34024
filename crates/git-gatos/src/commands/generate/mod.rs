//! `gatos generate`: what a package ships beside the program. Hidden: packagers call it.

mod completion;
mod man;

use clap::Subcommand;

use crate::{Failure, Report};

/// Generate what a package ships beside the program
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Generate {
    Man(man::Man),
    Completion(completion::Completion),
}

impl Generate {
    pub(crate) fn run(&self) -> Result<Report<'static>, Failure> {
        match self {
            Self::Man(command) => command.run(),
            Self::Completion(command) => Ok(command.run()),
        }
    }
}
