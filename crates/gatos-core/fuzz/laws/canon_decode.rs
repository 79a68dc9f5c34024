//! What the decoder accepts is what the encoder writes, and DAG-CBOR for another implementation too.

use gatos_core::cbor::{self, DecodeError, Keys, Limits};
use gatos_core::json;
use gatos_core::value::Value;
use ipld_core::ipld::Ipld;

pub(crate) fn check(data: &[u8]) {
    law(data, cbor::decode);
    // Bytes that follow a value are nobody's.
    law(data, |data| {
        let limits = Limits {
            keys: Keys::Reserved,
            ..Limits::BLOCK
        };
        cbor::decode_with(data, &limits)
    });
}

/// The law for any decoder, so that a broken one can be shown to break it.
pub(crate) fn law(data: &[u8], decode: impl Fn(&[u8]) -> Result<Value, DecodeError>) {
    let Ok(value) = decode(data) else { return };
    let written = cbor::encode(&value);
    assert_eq!(written, data, "other bytes for one value");
    assert_eq!(
        cbor::encoded_len(&value),
        data.len(),
        "its length is another"
    );
    let theirs: Ipld = serde_ipld_dagcbor::from_slice(data).expect("the oracle refuses it");
    let again = serde_ipld_dagcbor::to_vec(&theirs).expect("the oracle cannot write it");
    assert_eq!(again, data, "the oracle writes it otherwise");
    // The projection says which values it cannot bring back.
    let text = json::to_string(&value);
    if !text.contains(r#""/":"#)
        && let Ok(projected) = json::from_str(&text)
    {
        assert_eq!(projected, value, "{text}");
    }
}
