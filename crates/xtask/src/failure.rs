//! Why a command ended early, and what to do about it.

use std::fmt;
use std::process::ExitCode;

/// What a command of this tool returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A message for the person who typed the command, with the exit code to end with.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// A failure that says what went wrong; ends with exit code 1.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            code: 1,
        }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Ends with the exit code of the program that failed.
    #[must_use]
    pub(crate) fn with_code(mut self, code: Option<i32>) -> Self {
        self.code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        self
    }

    /// The exit code of `cargo xtask`.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Gives an I/O or parse error the name of the thing it happened to.
pub(crate) trait Named<T> {
    /// Turns the error into a [`Failure`] that begins with `what`.
    fn named(self, what: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Named<T> for Result<T, E> {
    fn named(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure::new(format!("{what}: {error}")))
    }
}
