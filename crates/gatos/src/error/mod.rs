//! The one error of the façade: what kind of failure, what it is about, and what helps.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Whose fault a failure is, and so which exit code it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something went wrong
    Failed,
    /// What was asked for makes no sense
    Usage,
    /// The policy in force forbids it
    Refused,
    /// Something is not what its hash, its signature or its proof says
    Mismatch,
    /// Something that is needed could not be had
    Blocked,
    /// An input is not the one recorded
    InputsDiffer,
    /// The outputs are the same, but another program made them, and that was not good enough
    OtherProgram,
    /// A valid signature of somebody who may not sign this
    Untrusted,
    /// A part of the history is not here
    Incomplete,
}

/// Every kind with its word.
const WORDS: [(ErrorKind, &str); 9] = [
    (ErrorKind::Failed, "failed"),
    (ErrorKind::Usage, "usage"),
    (ErrorKind::Refused, "refused"),
    (ErrorKind::Mismatch, "mismatch"),
    (ErrorKind::Blocked, "blocked"),
    (ErrorKind::InputsDiffer, "inputs-differ"),
    (ErrorKind::OtherProgram, "other-program"),
    (ErrorKind::Untrusted, "untrusted"),
    (ErrorKind::Incomplete, "incomplete"),
];

impl ErrorKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        WORDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("failed", |(_, word)| word)
    }

    /// The kind of a word; one that is not known is a failure.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map_or(Self::Failed, |(kind, _)| *kind)
    }
}

/// A failure of an operation. A copy of it is told to each of several callers who shared the operation.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure; the message names the thing, in lower case and without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// The same failure, with what would help.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure, with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What would help, as one sentence or command.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The hint nearest to the surface: an outer error names the thing, and an inner one may know
    /// what helps.
    #[must_use]
    pub fn nearest_hint(&self) -> Option<&str> {
        let mut next: Option<&(dyn StdError + 'static)> = Some(self);
        while let Some(cause) = next {
            if let Some(hint) = cause.downcast_ref::<Self>().and_then(Self::hint) {
                return Some(hint);
            }
            next = cause.source();
        }
        None
    }

    /// The message followed by all its causes, on one line.
    #[must_use]
    pub fn full_message(&self) -> String {
        let mut text = self.message.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            let part = error.to_string();
            // A transparent layer repeats its cause word for word.
            if !text.ends_with(&part) {
                text.push_str(": ");
                text.push_str(&part);
            }
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

/// Turning a lower layer's error into one of the façade's.
pub(crate) trait Context<T> {
    /// Fail with `kind` and `message`, the lower error being the cause.
    fn context(self, kind: ErrorKind, message: impl FnOnce() -> String) -> Result<T, Error>;

    /// As [`context`](Self::context) with [`ErrorKind::Failed`].
    fn or_failed(self, message: impl FnOnce() -> String) -> Result<T, Error>
    where
        Self: Sized,
    {
        self.context(ErrorKind::Failed, message)
    }

    /// As [`context`](Self::context) with [`ErrorKind::Mismatch`].
    fn or_mismatch(self, message: impl FnOnce() -> String) -> Result<T, Error>
    where
        Self: Sized,
    {
        self.context(ErrorKind::Mismatch, message)
    }
}

impl<T, E: StdError + Send + Sync + 'static> Context<T> for Result<T, E> {
    fn context(self, kind: ErrorKind, message: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::new(kind, message()).with_source(source))
    }
}
