//! Envelope to bytes.
//!
//= spec/envelope.md#encoding

use super::{Envelope, KeySignature};
use crate::cbor::{Sink, write_bytes, write_count, write_text};
use crate::value::Value;

/// The major types of lists and maps.
const LIST: u8 = 4;
const MAP: u8 = 5;
/// Room for what one signature adds to a payload.
const ROOM: usize = 256;

impl Envelope {
    /// The envelope as a value, such as stands in a batch of a journal.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.clone().into_value()
    }

    /// As [`to_value`](Self::to_value), without copying the payload.
    #[must_use]
    pub fn into_value(self) -> Value {
        let signatures = self.signatures.iter().map(signature_value);
        Value::map([
            ("signatures", Value::list(signatures)),
            ("payloadType", Value::from(self.kind.payload_type())),
            ("payload", Value::Bytes(self.payload)),
        ])
    }

    /// The one byte string of the envelope.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len().saturating_add(ROOM));
        self.write(&mut out);
        out
    }

    /// Write the bytes of [`to_value`](Self::to_value), without making the value.
    pub(crate) fn write(&self, out: &mut impl Sink) {
        write_count(out, MAP, 3);
        write_text(out, "payload");
        write_bytes(out, &self.payload);
        write_text(out, "signatures");
        write_count(out, LIST, self.signatures.len());
        for KeySignature { key_id, signature } in &self.signatures {
            write_count(out, MAP, 2);
            write_text(out, "sig");
            write_bytes(out, signature.as_bytes());
            write_text(out, "keyid");
            write_bytes(out, key_id.as_bytes());
        }
        write_text(out, "payloadType");
        write_text(out, self.kind.payload_type());
    }
}

fn signature_value(signature: &KeySignature) -> Value {
    Value::map([
        (
            "keyid",
            Value::bytes(signature.key_id.as_bytes().as_slice()),
        ),
        (
            "sig",
            Value::bytes(signature.signature.as_bytes().as_slice()),
        ),
    ])
}
