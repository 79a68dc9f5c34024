//! Why a command ended early: the kind decides the exit code, and nothing else does.

use std::io;
use std::process::ExitCode;

use gatos::{Error, ErrorKind};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::output::{Human, Page, Tone};

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Everything was done
    Done,
    /// Something went wrong
    Failed,
    /// What was asked for makes no sense
    Usage,
    /// The policy in force forbids it
    Refused,
    /// A hash, a signature, a proof or a rebuilt output is not what was recorded
    Mismatch,
    /// Something that is needed could not be had
    Blocked,
    /// An input is not the one recorded
    InputsDiffer,
    /// The same outputs, but from another program, and that was asked not to pass
    OtherProgram,
    /// A valid signature of somebody who may not sign this
    Untrusted,
    /// A part of the history is not here
    Incomplete,
}

impl Exit {
    /// Every way to end, with its meaning: the table of the manual.
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Done, "Done"),
        (
            Self::Failed,
            "Failed: the message says what, and what helps",
        ),
        (
            Self::Usage,
            "Usage: what was typed makes no sense, or names something that is not there",
        ),
        (Self::Refused, "Refused by the policy in force"),
        (
            Self::Mismatch,
            "Mismatch: something is not what its hash, signature or proof says, \
             or a reproduction diverged",
        ),
        (
            Self::Blocked,
            "Blocked: something that is needed could not be had",
        ),
        (
            Self::InputsDiffer,
            "An input is not the one recorded, so outputs were not compared",
        ),
        (
            Self::OtherProgram,
            "Identical outputs from another program, under --strict",
        ),
        (
            Self::Untrusted,
            "A valid signature of somebody who may not sign this",
        ),
        (
            Self::Incomplete,
            "Incomplete: a part of the history is not here",
        ),
    ];

    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Mismatch => 4,
            Self::Blocked => 5,
            Self::InputsDiffer => 6,
            Self::OtherProgram => 7,
            Self::Untrusted => 8,
            Self::Incomplete => 9,
        }
    }

    /// The word for it in JSON.
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::Mismatch => "mismatch",
            Self::Blocked => "blocked",
            Self::InputsDiffer => "inputs-differ",
            Self::OtherProgram => "other-program",
            Self::Untrusted => "untrusted",
            Self::Incomplete => "incomplete",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Usage => Self::Usage,
            ErrorKind::Refused => Self::Refused,
            ErrorKind::Mismatch => Self::Mismatch,
            ErrorKind::Blocked => Self::Blocked,
            ErrorKind::InputsDiffer => Self::InputsDiffer,
            ErrorKind::OtherProgram => Self::OtherProgram,
            ErrorKind::Untrusted => Self::Untrusted,
            ErrorKind::Incomplete => Self::Incomplete,
            // `Failed`, and kinds that do not exist yet.
            _ => Self::Failed,
        }
    }
}

/// A message for the person who typed the command.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    broken_pipe: bool,
}

impl Failure {
    /// A failure that is the fault of what was typed.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A failure of some kind.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
            broken_pipe: false,
        }
    }

    /// The same failure, with what would help.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// How the program ends.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether nobody reads the output any more.
    pub(crate) const fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            exit: error.kind().into(),
            message: error.full_message(),
            hint: error.nearest_hint().map(str::to_owned),
            broken_pipe: false,
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(
            Exit::Failed,
            format!("cannot write the report as JSON: {error}"),
        )
    }
}

impl From<io::Error> for Failure {
    /// Of writing to standard output, the only thing this crate writes to without a name.
    fn from(error: io::Error) -> Self {
        Self {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::new(
                Exit::Failed,
                format!("cannot write to standard output: {error}"),
            )
        }
    }
}

impl Human for Failure {
    fn show(&self, page: &mut Page) {
        page.put(Tone::Bad, "error:");
        // What follows a line break is set further in than a hint, and cannot pretend to be one.
        for (index, line) in self.message.lines().enumerate() {
            let margin = if index == 0 { " " } else { "    " };
            page.line(Tone::Plain, format_args!("{margin}{line}"));
        }
        if let Some(hint) = &self.hint {
            page.put(Tone::Good, "  hint:");
            page.line(Tone::Plain, format_args!(" {hint}"));
        }
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Failure", 4)?;
        fields.serialize_field("kind", self.exit.word())?;
        fields.serialize_field("exit", &self.exit.code())?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("hint", &self.hint)?;
        fields.end()
    }
}
