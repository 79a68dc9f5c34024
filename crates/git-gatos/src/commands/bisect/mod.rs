//! `gatos bisect`: find the event that made a state what it should not be.

mod bad;
mod good;
mod log;
mod reset;
mod run;
mod show;
mod skip;
mod start;

use clap::{ArgGroup, Args, Subcommand};
use gatos::StateName;
use gatos::bisect::{
    BisectReport, End, Judgement, Outcome, Predicate, Request, advance, bisect, resume, status,
};
use gatos::fold::At;

use crate::failure::Exit;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos bisect --state yearly --good 0 --bad @12 --expression 'state.total >= 0'
  gatos bisect --state yearly --bad 1000 --predicate './check.sh \"$GATOS_STATE\"'

  gatos bisect start --state yearly --good @3 --bad @12   step by step
  gatos bisect show --path means.1987
  gatos bisect good
  gatos bisect bad
  gatos bisect run --predicate ./check.sh                 let a command do the rest
  gatos bisect reset";

/// Find the event that made a state what it should not be
///
/// Between a good and a bad state of N events, at most log2(N) states are looked at, those of checkpoints
/// first. The answer is the event, who signed it, and the proof that it is in the journal.
///
/// A predicate is a command for `sh`: it gets the state as JSON on standard input and in the file
/// $GATOS_STATE. It ends with 0 if the state is good, 125 if that cannot be told, another code up to
/// 127 if it is bad; from 128 on, or by a signal, it ends the search. Or it is an expression of EchoLua over
/// `state`, which is true if the state is good. Signatures of events are not verified on the way:
/// `gatos fold verify` does that.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Bisect {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    ends: Option<Ends>,
    #[command(flatten)]
    asked: Asked,
}

/// Between which states.
#[derive(Args, Clone, Debug)]
struct Ends {
    /// The state
    #[arg(long, value_name = "STATE")]
    state: StateName,
    /// Where it is good: a number of events, or a checkpoint as @NUMBER, an id, a commit or a ref
    #[arg(long, value_name = "END", default_value = "0")]
    good: End,
    /// Where it is bad, in the same ways; the newest checkpoint if not given
    #[arg(long, value_name = "END")]
    bad: Option<End>,
}

/// How a good state is told from a bad one.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("predicate-kind").multiple(false))]
struct Asked {
    /// Ask a command for `sh`
    #[arg(long, value_name = "COMMAND", group = "predicate-kind")]
    predicate: Option<String>,
    /// Ask an expression of EchoLua over `state`
    #[arg(long, value_name = "EXPRESSION", group = "predicate-kind")]
    expression: Option<String>,
}

/// A step of a search that is kept between commands.
#[derive(Subcommand, Clone, Debug)]
enum Step {
    Start(start::Start),
    Good(good::Good),
    Bad(bad::Bad),
    Skip(skip::Skip),
    Show(show::Show),
    Run(run::Run),
    Log(log::Log),
    Reset(reset::Reset),
}

impl Bisect {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        match &self.step {
            Some(Step::Start(command)) => command.run(context),
            Some(Step::Good(command)) => command.run(context),
            Some(Step::Bad(command)) => command.run(context),
            Some(Step::Skip(command)) => command.run(context),
            Some(Step::Show(command)) => command.run(context),
            Some(Step::Run(command)) => command.run(context),
            Some(Step::Log(command)) => command.run(context),
            Some(Step::Reset(command)) => command.run(context),
            None => self.search(context),
        }
    }

    fn search<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let ends = self.ends.as_ref().ok_or_else(|| {
            Failure::usage("no state is given")
                .hint("`--state STATE` searches at once, `gatos bisect start` step by step")
        })?;
        let predicate = self.asked.predicate()?;
        let mut progress = context.progress();
        let found = bisect(
            context.repository()?,
            &ends.request(),
            &predicate,
            &mut progress,
        )?;
        Ok(ended(found))
    }
}

impl Ends {
    fn request(&self) -> Request {
        Request {
            state: self.state.clone(),
            good: self.good.clone(),
            bad: self.bad.clone().unwrap_or(End::Checkpoint(At::Newest)),
        }
    }
}

impl Asked {
    fn predicate(&self) -> Result<Predicate, Failure> {
        match (&self.predicate, &self.expression) {
            (Some(command), None) => Ok(Predicate::Command(command.clone())),
            (None, Some(expression)) => Ok(Predicate::Expression(expression.clone())),
            _ => Err(
                Failure::usage("neither --predicate nor --expression is given")
                    .hint("`gatos bisect start` searches step by step, with you as the judge"),
            ),
        }
    }
}

/// Take note of how a state is, and say how the search stands.
fn judged(
    context: &Context,
    judgement: Judgement,
    events: Option<u64>,
) -> Result<Report<'_>, Failure> {
    let repository = context.repository()?;
    let mut session = resume(repository)?;
    advance(repository, &mut session, (judgement, events))?;
    Ok(ended(status(repository, &session)?))
}

/// A search that was to find something and did not has failed.
fn ended<'c>(report: BisectReport) -> Report<'c> {
    let exit = match report.outcome {
        Outcome::Undecided { .. } => Exit::Failed,
        Outcome::Found(_) | Outcome::Open { .. } => Exit::Done,
    };
    Report::ending(exit, report)
}
