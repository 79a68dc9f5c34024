//! Why the program ended early, and with which exit code: those of `gatos`.

use std::process::ExitCode;

use gatos::daemon::ClientError;
use gatos::{Error, ErrorKind, json};
use serde::Serialize;

/// A message for whoever started the program.
#[derive(Debug)]
pub(crate) struct Failure(Error);

impl Failure {
    /// A failure of some kind.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Error::new(kind, message))
    }

    /// The same failure, with what would help.
    #[must_use]
    pub(crate) fn hint(self, hint: &str) -> Self {
        Self(self.0.with_hint(hint))
    }

    /// Print it to standard error; the exit code.
    pub(crate) fn print(&self, as_json: bool) -> ExitCode {
        #[derive(Serialize)]
        struct Document<'a> {
            error: Content<'a>,
        }
        #[derive(Serialize)]
        struct Content<'a> {
            kind: &'a str,
            exit: u8,
            message: &'a str,
            hint: Option<&'a str>,
        }
        let (message, hint) = (self.0.full_message(), self.0.nearest_hint());
        let exit = code(self.0.kind());
        if as_json {
            let kind = self.0.kind().as_str();
            let message = &message;
            let content = Content {
                kind,
                exit,
                message,
                hint,
            };
            let document = serde_json::to_string(&Document { error: content });
            eprintln!("{}", document.unwrap_or_default());
        } else {
            eprintln!("error: {}", visible(&message));
            if let Some(hint) = hint {
                eprintln!("  hint: {}", visible(hint));
            }
        }
        ExitCode::from(exit)
    }
}

/// Text that commands no terminal.
pub(crate) fn visible(text: &str) -> String {
    let quoted = json::to_string(&gatos::Value::text(text));
    let inside = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    inside.unwrap_or_default().replace("\\\"", "\"")
}

/// The exit codes of `gatos`, as docs/cli/README.md has them.
const fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Usage => 2,
        ErrorKind::Refused => 3,
        ErrorKind::Mismatch => 4,
        ErrorKind::Blocked => 5,
        ErrorKind::InputsDiffer => 6,
        ErrorKind::OtherProgram => 7,
        ErrorKind::Untrusted => 8,
        ErrorKind::Incomplete => 9,
        _ => 1,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let kind = match error {
            ClientError::Io { .. } | ClientError::Gone => ErrorKind::Blocked,
            _ => ErrorKind::Failed,
        };
        Self(Error::new(kind, "the daemon did not answer").with_source(error))
    }
}
