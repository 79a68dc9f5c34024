//! Why the daemon did not do what it was asked.

use std::io;

use crate::error::Error;
use crate::rpc::{Code, FrameError, Refusal};

/// Why the daemon did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It cannot be reached, or went away; what it did is not known
    #[error("the daemon cannot be reached")]
    Io {
        /// The cause
        #[from]
        source: io::Error,
    },
    /// It ended the connection without an answer; what it did is not known
    #[error("the daemon ended the connection without an answer")]
    Gone,
    /// It sent something that is no line
    #[error("what the daemon sent cannot be read")]
    Frame {
        /// The cause
        #[from]
        source: FrameError,
    },
    /// It sent a line that is no answer
    #[error("what the daemon sent is no answer")]
    Answer,
    /// It cannot be asked for as much at once; nothing was sent
    #[error("this is more than the daemon can be asked for at once")]
    TooLong,
    /// It refused, or the operation failed
    #[error("{}", .0.reason)]
    Refused(Refusal),
}

impl ClientError {
    /// Whether it was refused because history has moved on since it was signed.
    pub(super) fn is_moved(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == Code::Moved)
    }

    /// The failure of an operation that the daemon carried out, as if it had been carried out here;
    /// `None` where the daemon did not come so far.
    #[must_use]
    pub fn as_operation(&self) -> Option<Error> {
        let Self::Refused(refusal) = self else {
            return None;
        };
        let Code::Operation(kind) = refusal.code else {
            return None;
        };
        let error = Error::new(kind, &refusal.reason);
        Some(match &refusal.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        })
    }
}
