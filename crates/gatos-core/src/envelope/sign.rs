//! Making signatures over DSSE's pre-authentication encoding.
//!
//= spec/envelope.md#signing

use super::{Envelope, KeySignature, Kind, MAX_SIGNATURES};
use crate::cbor;
use crate::keys::{SignError, Signer};
use crate::value::Value;

/// The bytes that are signed: `DSSEv1`, then length and bytes of the type and of the payload.
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// Sign `payload` as a statement of this kind.
    ///
    /// # Errors
    /// A payload that no verifier would accept, or a signer without an answer.
    pub fn sign(kind: Kind, payload: &Value, signer: &dyn Signer) -> Result<Self, SignError> {
        let (mut envelope, written) = Self::unsigned(kind, cbor::encode(payload))?;
        // A value made in memory can use the format's own keys.
        if written != *payload {
            return Err(SignError::Ambiguous);
        }
        envelope.add_signature(signer)?;
        Ok(envelope)
    }

    /// A payload as a statement of this kind that nobody has signed yet, and what it says.
    pub(crate) fn unsigned(kind: Kind, payload: Vec<u8>) -> Result<(Self, Value), SignError> {
        // A value made in memory can be too deep or too large.
        let written = cbor::decode_with(&payload, &kind.limits())
            .map_err(|source| SignError::Payload { source })?;
        let envelope = Self {
            kind,
            payload,
            signatures: Vec::with_capacity(1),
        };
        Ok((envelope, written))
    }

    /// Add a signature; one that the same key made before is replaced.
    ///
    /// # Errors
    /// A signer without an answer, or more signatures than an envelope carries.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), SignError> {
        let key_id = signer.public_key().key_id();
        let place = self
            .signatures
            .binary_search_by_key(&key_id, |signature| signature.key_id);
        if place.is_err() && self.signatures.len() >= MAX_SIGNATURES {
            return Err(SignError::TooManySignatures {
                max: MAX_SIGNATURES,
            });
        }
        let signature = signer.sign(&self.signed_bytes())?;
        let signature = KeySignature { key_id, signature };
        match place {
            Ok(at) => self.signatures.splice(at..=at, [signature]),
            Err(at) => self.signatures.splice(at..at, [signature]),
        };
        Ok(())
    }

    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(self.kind.payload_type(), &self.payload)
    }
}
