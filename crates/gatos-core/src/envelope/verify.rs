//! Verifying every signature of an envelope.
//!
//= spec/envelope.md#verification

use super::{Envelope, KeySignature, Kind, VerifyError};
use crate::keys::{KnownKeys, PublicKey, SignatureError};
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
        let payload = self.payload_of(expected)?;
        let message = self.signed_bytes();
        let signers = self
            .signatures
            .iter()
            .map(|s| known.verify(s.key_id, &message, &s.signature))
            .collect::<Result<_, _>>()?;
        Ok(Opened { payload, signers })
    }

    /// As [`open`](Self::open), of an envelope whose very bytes were verified before: the keys are
    /// looked at, the signatures are not. See [`Signed::recall`](crate::statement::Signed::recall).
    pub(crate) fn recall(
        &self,
        expected: Kind,
        known: &mut KnownKeys,
    ) -> Result<Opened, VerifyError> {
        let payload = self.payload_of(expected)?;
        let enrol = |s: &KeySignature| known.enrol(s.key_id);
        let signers = self.signatures.iter().map(enrol);
        let signers = signers
            .collect::<Result<_, _>>()
            .map_err(|source| SignatureError::Key { source })?;
        Ok(Opened { payload, signers })
    }

    fn payload_of(&self, expected: Kind) -> Result<Value, VerifyError> {
        if self.kind != expected {
            return Err(VerifyError::Kind {
                expected,
                found: self.kind,
            });
        }
        self.payload()
            .map_err(|source| VerifyError::Payload { source })
    }
}
