//! Verifying every signature of an envelope.
//!
//= spec/envelope.md#verification

use super::{Envelope, Kind, VerifyError};
use crate::keys::{KnownKeys, PublicKey};
use crate::value::Value;

/// What an envelope holds, after all its signatures were verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opened {
    /// The payload
    pub payload: Value,
    /// The keys that signed it, ascending
    pub signers: Vec<PublicKey>,
}

impl Envelope {
    /// The keys that signed this statement of kind `expected`, ascending.
    ///
    /// # Errors
    /// Another kind, a payload that is not strict DAG-CBOR, or any signature that is not valid.
    pub fn verify(&self, expected: Kind) -> Result<Vec<PublicKey>, VerifyError> {
        self.open(expected, &mut KnownKeys::new())
            .map(|opened| opened.signers)
    }

    /// As [`verify`](Self::verify), and the payload; with keys that are checked once for many
    /// envelopes.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn open(&self, expected: Kind, known: &mut KnownKeys) -> Result<Opened, VerifyError> {
        if self.kind != expected {
            return Err(VerifyError::Kind {
                expected,
                found: self.kind,
            });
        }
        let payload = self
            .payload()
            .map_err(|source| VerifyError::Payload { source })?;
        let message = self.signed_bytes();
        let signers = self
            .signatures
            .iter()
            .map(|s| known.verify(s.key_id, &message, &s.signature))
            .collect::<Result<_, _>>()?;
        Ok(Opened { payload, signers })
    }
}
