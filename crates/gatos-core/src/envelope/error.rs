//! Why bytes are not an envelope and why an envelope does not verify.

use super::Kind;
use crate::cbor::{DecodeError, FieldError};
use crate::keys::{KeyId, SignatureError};

/// Why bytes are not an [`Envelope`](super::Envelope).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not strict DAG-CBOR
    #[error("the envelope is not strict DAG-CBOR")]
    Encoding {
        /// What is wrong
        source: DecodeError,
    },
    /// Not the fields of an envelope
    #[error(transparent)]
    Fields {
        /// What is wrong
        #[from]
        source: FieldError,
    },
    /// A payload type that is none of ours
    #[error("payload type `{found}` is unknown", found = .found.escape_debug())]
    PayloadType {
        /// The type found, shortened
        found: String,
    },
    /// A payload larger than its kind may be
    #[error("the payload of a {kind} has {found} bytes, more than {max}")]
    PayloadSize {
        /// The kind
        kind: Kind,
        /// Size found
        found: usize,
        /// The limit
        max: usize,
    },
    /// No signatures, or too many
    #[error("an envelope carries 1 to {max} signatures, not {found}", max = super::MAX_SIGNATURES)]
    SignatureCount {
        /// Number found
        found: usize,
    },
    /// Signatures that do not ascend by key, or two of one key
    #[error("the signature by {key} is out of order or there twice")]
    SignatureOrder {
        /// The later key
        key: KeyId,
    },
}

/// Why an envelope does not verify.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// An envelope of another kind than wanted
    #[error("the envelope holds a {found}, not a {expected}")]
    Kind {
        /// The kind wanted
        expected: Kind,
        /// The kind found
        found: Kind,
    },
    /// A payload that is not strict DAG-CBOR
    #[error("the payload is not strict DAG-CBOR")]
    Payload {
        /// What is wrong
        source: DecodeError,
    },
    /// A signature that does not count
    #[error(transparent)]
    Signature {
        /// Why
        #[from]
        source: SignatureError,
    },
}
