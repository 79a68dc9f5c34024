//! `gatos policy …`: the rules of a repository, and what they say.

mod activate;
mod check;
mod check_push;
mod compile;
mod denials;
mod diff;
mod explain;
mod fmt_check;
mod init;
mod test;
mod verify;

use std::path::Path;

use clap::Subcommand;
use gatos::policy::{Origin, Program, load_program, rules_in_force};

use crate::{Context, Failure, Report};

/// Write, check, test and activate the rules of a policy; ask what they say, and why they refused
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Policy {
    Init(init::Init),
    Check(check::Check),
    Test(test::Test),
    #[command(name = "fmt-check")]
    FmtCheck(fmt_check::FmtCheck),
    Compile(compile::Compile),
    Diff(diff::Diff),
    Verify(verify::Verify),
    Activate(activate::Activate),
    CheckPush(check_push::CheckPush),
    Denials(denials::Denials),
    Explain(explain::Explain),
}

impl Policy {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::Init(command) => command.run(),
            Self::Check(command) => command.run(),
            Self::Test(command) => command.run(),
            Self::FmtCheck(command) => command.run(),
            Self::Compile(command) => command.run(),
            Self::Diff(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Activate(command) => command.run(context),
            Self::CheckPush(command) => command.run(),
            Self::Denials(command) => command.run(context),
            Self::Explain(command) => command.run(context),
        }
    }
}

/// The rules that somebody named; those in force where nothing is named.
pub(crate) fn program_of(named: Option<&Path>, context: &Context) -> Result<Program, Failure> {
    let origin = named.map_or(Origin::InForce, |path| Origin::Named(path.to_owned()));
    let mut failure = None;
    let in_force = || match context.repository() {
        Ok(repository) => rules_in_force(repository),
        Err(error) => {
            failure = Some(error);
            Err(gatos::Error::new(gatos::ErrorKind::Usage, "no repository"))
        }
    };
    let program = load_program(&origin, in_force);
    match failure {
        Some(failure) => Err(failure),
        None => Ok(program?),
    }
}
