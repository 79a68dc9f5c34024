//! What tells a good state from a bad one: a command, or an expression of EchoLua.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::name::StateName;
use gatos_core::value::Value;

use super::search::Judgement;
use crate::error::{Context, Error, ErrorKind};
use crate::experiment::state_file;
use crate::fold::compile_source;

/// Exit codes of commands that a shell cannot run or find.
const NOT_RUN: [i32; 2] = [126, 127];
/// What an expression may burn and hold.
const LIMITS: Limits = Limits {
    fuel_per_event: 1 << 32,
    memory_bytes: 1 << 30,
};

/// What tells a good state from a bad one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Predicate {
    /// A command for `sh`, with the exit codes of `git bisect run`: 0 is good, 125 skips, any other up to
    /// 127 is bad, and from 128 on everything ends
    Command(String),
    /// An expression of EchoLua over `state`: true, or anything but false and nil, is good
    Expression(String),
}

/// A predicate that can be asked.
pub(super) enum Asked {
    Command { text: String, state: StateName },
    Expression(Box<Program>),
}

/// An answer, and whether it may mean only that a command could not be run.
pub(super) struct Answer {
    pub(super) judgement: Judgement,
    /// The exit code, if it says that the command was not found or cannot be run
    pub(super) not_run: Option<i32>,
}

impl Predicate {
    pub(super) fn ready(&self, state: &StateName) -> Result<Asked, Error> {
        match self {
            Self::Command(text) => Ok(Asked::Command {
                text: text.clone(),
                state: state.clone(),
            }),
            Self::Expression(text) => {
                // A line of its own, so that a comment at its end hides nothing.
                let source = format!("function fold(state, event) return not not (\n{text}\n) end");
                let program = compile_source(&source, "the expression")?.program;
                Ok(Asked::Expression(Box::new(program)))
            }
        }
    }
}

impl Asked {
    pub(super) fn judge(&self, value: &Value, size: u64) -> Result<Answer, Error> {
        match self {
            Self::Expression(program) => {
                let failed = || format!("the expression fails on the state after {size} events");
                let mut fold = Fold::start(program, LIMITS, Some(value)).or_failed(failed)?;
                fold.step(&Value::Null).or_failed(failed)?;
                let holds = fold.state().or_failed(failed)? == Value::Bool(true);
                Ok(Answer {
                    judgement: if holds {
                        Judgement::Good
                    } else {
                        Judgement::Bad
                    },
                    not_run: None,
                })
            }
            Self::Command { text, state } => ask_command(text, state, value, size),
        }
    }
}

fn ask_command(text: &str, state: &StateName, value: &Value, size: u64) -> Result<Answer, Error> {
    let failed = || format!("cannot run `{text}`");
    let mut file = tempfile::Builder::new()
        .prefix("gatos-state-")
        .suffix(".json")
        .tempfile()
        .or_failed(failed)?;
    file.write_all(&state_file(value)).or_failed(failed)?;
    file.flush().or_failed(failed)?;
    let input = std::fs::File::open(file.path()).or_failed(failed)?;
    let status = Command::new("sh")
        .args(["-c", text])
        .env("GATOS_STATE", file.path())
        .env("GATOS_STATE_NAME", state.as_str())
        .env("GATOS_STATE_EVENTS", size.to_string())
        .stdin(input)
        // What it prints is for people; standard output is for the report.
        .stdout(Stdio::from(std::io::stderr()))
        .status()
        .or_failed(failed)?;
    let judgement = match status.code() {
        Some(0) => Judgement::Good,
        Some(125) => Judgement::Skip,
        Some(1..=127) => Judgement::Bad,
        code => {
            let how = match (code, status.signal()) {
                (Some(code), _) => format!("exit code {code}"),
                (None, signal) => format!("signal {}", signal.unwrap_or(0)),
            };
            let message = format!("`{text}` ended the search with {how}, after {size} events");
            return Err(Error::new(ErrorKind::Failed, message)
                .with_hint("0 means good, 125 that it cannot be told, 1 to 124, 126 and 127 bad"));
        }
    };
    let not_run = status.code().filter(|code| NOT_RUN.contains(code));
    Ok(Answer { judgement, not_run })
}
