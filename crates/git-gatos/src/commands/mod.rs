//! The commands, one in each file.

mod approve;
mod bisect;
mod completion;
mod event;
mod evidence;
mod experiment;
mod fold;
mod foldc;
mod gate;
mod generate;
mod grant;
mod init;
mod job;
mod journal;
mod key;
mod lint;
mod log;
mod new;
mod policy;
mod profile;
mod proposal;
mod reproduce;
mod revoke;
mod run;
mod state;
mod status;
mod trust;
mod verify;

use clap::Subcommand;

use crate::{Context, Failure, Report};

/// What can be done.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    New(new::New),
    Init(init::Init),
    Run(run::Run),
    Verify(verify::Verify),
    Reproduce(reproduce::Reproduce),
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    #[command(subcommand)]
    Experiment(experiment::Experiment),
    #[command(subcommand)]
    Job(job::Job),
    Log(log::Log),
    Status(status::Status),
    #[command(subcommand)]
    Event(event::Event),
    #[command(subcommand)]
    Journal(journal::Journal),
    #[command(subcommand)]
    Fold(fold::Fold),
    #[command(subcommand)]
    State(state::State),
    Bisect(bisect::Bisect),
    Foldc(foldc::Foldc),
    Lint(lint::Lint),
    #[command(subcommand)]
    Proposal(proposal::Proposal),
    Approve(approve::Approve),
    Reject(approve::Reject),
    #[command(subcommand)]
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    #[command(subcommand)]
    Policy(policy::Policy),
    #[command(subcommand)]
    Gate(gate::Gate),
    #[command(subcommand)]
    Profile(profile::Profile),
    #[command(subcommand)]
    Trust(trust::Trust),
    #[command(subcommand)]
    Key(key::Key),
    Completion(completion::Completion),
    #[command(subcommand, hide = true)]
    Generate(generate::Generate),
}

impl Command {
    /// Do it.
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match self {
            Self::New(command) => command.run(),
            Self::Init(command) => command.run(context),
            Self::Run(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Reproduce(command) => command.run(context),
            Self::Evidence(command) => command.run(context),
            Self::Experiment(command) => command.run(context),
            Self::Job(command) => command.run(context),
            Self::Log(command) => command.run(context),
            Self::Status(command) => command.run(context),
            Self::Event(command) => command.run(context),
            Self::Journal(command) => command.run(context),
            Self::Fold(command) => command.run(context),
            Self::State(command) => command.run(context),
            Self::Bisect(command) => command.run(context),
            Self::Foldc(command) => command.run(context),
            Self::Lint(command) => command.run(context),
            Self::Proposal(command) => command.run(context),
            Self::Approve(command) => command.run(context),
            Self::Reject(command) => command.run(context),
            Self::Grant(command) => command.run(context),
            Self::Revoke(command) => command.run(context),
            Self::Policy(command) => command.run(context),
            Self::Gate(command) => command.run(),
            Self::Profile(command) => command.run(context),
            Self::Trust(command) => command.run(context),
            Self::Key(command) => command.run(context),
            Self::Completion(command) => Ok(command.run()),
            Self::Generate(command) => command.run(),
        }
    }
}
