//! Why an envelope does not hold a statement, and why a statement is not put into one.

use crate::cbor::FieldError;
use crate::envelope::{EnvelopeError, Kind, VerifyError};
use crate::keys::SignError;

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

/// Why a statement is not signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// A payload that no verifier would accept, or a signer without an answer
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A field of the statement that nobody could read
    #[error(transparent)]
    Field(#[from] FieldError),
    /// What would be read is another statement
    #[error("what is to be signed is not the one form of its {kind}")]
    NotCanonical {
        /// The kind
        kind: Kind,
    },
}
