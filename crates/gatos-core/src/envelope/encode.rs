//! Envelope to bytes.
//!
//= spec/envelope.md#encoding

use super::{Envelope, KeySignature};
use crate::cbor;
use crate::value::Value;

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
        cbor::encode(&self.to_value())
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
