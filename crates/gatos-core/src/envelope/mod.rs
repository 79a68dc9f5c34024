//! Signed statements: a payload, what it is, and signatures. `docs/spec/envelope.md`.
//!
//! An [`Envelope`] is DSSE v1 written as DAG-CBOR. The kind of the payload is under the signature, so
//! that one kind never passes for another, and the id of what is signed is the id of the payload alone.
//!
//! ```
//! use gatos_core::envelope::{Envelope, Kind};
//! use gatos_core::keys::{SecretKey, Signer};
//! use gatos_core::value::Value;
//!
//! let alice = SecretKey::from_seed([7; 32]);
//! let envelope = Envelope::sign(Kind::Event, &Value::map([("n", Value::from(1))]), &alice)?;
//! let bytes = envelope.encode();
//! let received = Envelope::decode(&bytes)?;
//! assert_eq!(received.verify(Kind::Event)?, [alice.public_key()]);
//! assert!(received.verify(Kind::Genesis).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod error;
mod kind;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

use crate::cbor::{self, DecodeError};
use crate::cid::Cid;
use crate::keys::{KeyId, Signature};
use crate::value::Value;

pub use self::error::{EnvelopeError, VerifyError};
pub use self::kind::Kind;
pub use self::sign::pre_authentication_encoding;
pub use self::verify::Opened;

/// Most signatures that an envelope carries.
pub const MAX_SIGNATURES: usize = 64;

/// A payload with at least one signature; whether the signatures are valid, [`verify`] tells.
///
/// [`verify`]: Envelope::verify
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    kind: Kind,
    payload: Vec<u8>,
    /// Ascending by key, each key once, at least one, at most [`MAX_SIGNATURES`]
    signatures: Vec<KeySignature>,
}

/// A signature and the key that is said to have made it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeySignature {
    /// The key
    pub key_id: KeyId,
    /// The signature
    pub signature: Signature,
}

impl Envelope {
    /// What the payload is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes that are signed and named.
    #[must_use]
    pub fn payload_bytes(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, whose signatures nobody looked at; see [`open`](Self::open).
    ///
    /// # Errors
    /// A payload that is not strict DAG-CBOR.
    pub fn payload(&self) -> Result<Value, DecodeError> {
        cbor::decode_with(&self.payload, &self.kind.limits())
    }

    /// The id of what is signed: the content id of the payload, whoever signed it.
    #[must_use]
    pub fn id(&self) -> Cid {
        Cid::of_dag_cbor(&self.payload)
    }

    /// The signatures, ascending by key.
    #[must_use]
    pub fn signatures(&self) -> &[KeySignature] {
        &self.signatures
    }
}
