//! Why an envelope does not hold a statement.

use crate::cbor::FieldError;
use crate::envelope::{EnvelopeError, Kind, VerifyError};

/// Why an envelope does not hold a statement of the kind asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The bytes are no envelope
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Another kind, or a signature that does not verify
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The payload is not such a statement
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The payload means such a statement, but is not the form in which it is written
    #[error("the payload is not the one form of its {kind}")]
    NotCanonical {
        /// The kind
        kind: Kind,
    },
}
