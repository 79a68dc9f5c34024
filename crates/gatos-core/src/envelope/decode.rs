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
        if let Some(envelope) = Self::decode_plain(bytes) {
            return Ok(envelope);
        }
        let value = cbor::decode_with(bytes, &LIMITS)
            .map_err(|source| EnvelopeError::Encoding { source })?;
        Self::from_value(value)
    }

    /// The envelope, if it is the most common one: of one signature and a payload that is neither tiny
    /// nor huge. Whatever else `bytes` are, others say.
    pub(super) fn decode_plain(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"\xa3\x67payload")?;
        let (payload, rest) = plain_bytes(rest)?;
        let rest = rest.strip_prefix(b"\x6asignatures\x81\xa2\x63sig\x58\x40")?;
        let (signature, rest) = rest.split_first_chunk()?;
        let rest = rest.strip_prefix(b"\x65keyid\x58\x20")?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (&length, text) = rest.strip_prefix(b"\x6bpayloadType\x78")?.split_first()?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.payload_type().as_bytes() == text)?;
        if usize::from(length) != text.len() || payload.len() > kind.limits().max_bytes {
            return None;
        }
        Some(Self {
            kind,
            payload: payload.to_vec(),
            signatures: vec![KeySignature {
                key_id: KeyId::from_bytes(*key_id),
                signature: Signature::from_bytes(*signature),
            }],
        })
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

/// A byte string of 24 to 65,535 bytes whose length is in its shortest form, and what follows it.
fn plain_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes {
        [0x58, length @ 24..=0xff, rest @ ..] => rest.split_at_checked(usize::from(*length)),
        [0x59, high @ 1..=0xff, low, rest @ ..] => {
            let length = u16::from_be_bytes([*high, *low]);
            rest.split_at_checked(usize::from(length))
        }
        _ => None,
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
