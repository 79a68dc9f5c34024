//! `gatos gate …`: refuse pushes on a server that break the rules.

mod check;
mod check_range;
mod hook;
mod install;
mod shell;

use std::path::PathBuf;

use clap::Subcommand;

pub(crate) use self::check_range::judged;
use crate::context::directory;
use crate::{Failure, Report};

/// Guard a server's repository: refuse pushes that break its rules
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Gate {
    Install(install::Install),
    Check(check::Check),
    CheckRange(check_range::CheckRange),
    Shell(shell::Shell),
    Hook(hook::Hook),
}

impl Gate {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        match self {
            Self::Install(command) => command.run(),
            Self::Check(command) => command.run(),
            Self::CheckRange(command) => command.run(),
            Self::Shell(command) => command.run(),
            Self::Hook(command) => command.run(),
        }
    }
}

/// The repository that was named, or the folder that one is in.
fn repository(named: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let here = directory()?;
    Ok(named.map_or_else(|| here.clone(), |path| here.join(path)))
}

/// This program, as hooks call it: by its absolute path.
fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::usage(format!("this program cannot be found: {error}")))
}
