//! Bytes to envelope, refusing whatever [`encode`](Envelope::encode) would not write.
//!
//= spec/envelope.md#encoding

use super::kind::{Kind, MAX_PAYLOAD_BYTES};
use super::{Envelope, EnvelopeError, KeySignature, MAX_SIGNATURES};
use crate::cbor::{self, Fields, Limits};
use crate::keys::{KeyId, Signature};
use crate::value::Value;

/// Most bytes of an envelope beside its payload: heads, names, and the signatures.
const MAX_WRAPPING_BYTES: usize = 256 + 128 * MAX_SIGNATURES;
/// What an envelope may be at most: it nests three deep and holds three fields and the signatures.
const LIMITS: Limits = Limits {
    max_bytes: MAX_PAYLOAD_BYTES + MAX_WRAPPING_BYTES,
    max_depth: 3,
    max_items: 8 + 4 * MAX_SIGNATURES,
    ..Limits::BLOCK
};

impl Envelope {
    /// The envelope whose one byte string `bytes` is; nothing is verified.
    ///
    /// # Errors
    /// Anything but the canonical bytes of an envelope with a known payload type and 1 to 64
    /// signatures in order. Whether the payload is strict DAG-CBOR is seen when it is opened.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let value = cbor::decode_with(bytes, &LIMITS)
            .map_err(|source| EnvelopeError::Encoding { source })?;
        Self::from_value(value)
    }

    /// The envelope that stands in `value`, whose payload is moved, not copied.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn from_value(value: Value) -> Result<Self, EnvelopeError> {
        let mut fields = Fields::of("envelope", value)?;
        let payload = fields.bytes("payload")?;
        let kind = Kind::of_payload_type(&fields.text("payloadType")?)?;
        let signatures = fields.list("signatures")?;
        fields.finish()?;
        let max = kind.limits().max_bytes;
        if payload.len() > max {
            let found = payload.len();
            return Err(EnvelopeError::PayloadSize { kind, found, max });
        }
        let signatures = ordered_signatures(signatures)?;
        Ok(Self {
            kind,
            payload,
            signatures,
        })
    }
}

fn ordered_signatures(values: Vec<Value>) -> Result<Vec<KeySignature>, EnvelopeError> {
    if values.is_empty() || values.len() > MAX_SIGNATURES {
        return Err(EnvelopeError::SignatureCount {
            found: values.len(),
        });
    }
    let mut signatures: Vec<KeySignature> = Vec::with_capacity(values.len());
    for value in values {
        let next = signature(value)?;
        if signatures
            .last()
            .is_some_and(|last| last.key_id >= next.key_id)
        {
            return Err(EnvelopeError::SignatureOrder { key: next.key_id });
        }
        signatures.push(next);
    }
    Ok(signatures)
}

fn signature(value: Value) -> Result<KeySignature, EnvelopeError> {
    let mut fields = Fields::of("signature", value)?;
    let key_id = KeyId::from_bytes(fields.array("keyid")?);
    let signature = Signature::from_bytes(fields.array("sig")?);
    fields.finish()?;
    Ok(KeySignature { key_id, signature })
}
