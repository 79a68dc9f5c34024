//! Laws: reading what was written gives it back, and every value has one byte string.

use gatos_core::cbor::{self, Keys, Limits};
use gatos_core::cid::Cid;
use gatos_core::json;
use gatos_core::value::{Shape, Value, values};
use proptest::prelude::*;
use proptest::sample::Index;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn decoding_inverts_encoding(value in values(Shape::Any)) {
        let bytes = cbor::encode(&value);
        prop_assert_eq!(cbor::decode(&bytes), Ok(value.clone()));
        prop_assert_eq!(cbor::encoded_len(&value), bytes.len());
    }

    #[test]
    fn changed_bytes_are_refused_or_another_value(
        value in values(Shape::Any), at in any::<Index>(), change in 1..=u8::MAX, kind in 0..4,
    ) {
        let bytes = cbor::encode(&value);
        let mut changed = bytes.clone();
        let at = at.index(bytes.len());
        match kind {
            0 => changed[at] ^= change,
            1 => { changed.remove(at); }
            2 => changed.insert(at, change),
            _ => changed.truncate(at),
        }
        if let Ok(other) = cbor::decode(&changed) {
            prop_assert_eq!(cbor::encode(&other), changed.clone());
            prop_assert_eq!(other == value, changed == bytes);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for keys in [Keys::Users, Keys::Reserved] {
            let limits = Limits { keys, ..Limits::BLOCK };
            if let Ok(value) = cbor::decode_with(&bytes, &limits) {
                prop_assert_eq!(cbor::encode(&value), bytes.clone());
            }
        }
    }

    #[test]
    fn json_round_trips(value in values(Shape::Json)) {
        for text in [json::to_string(&value), json::to_string_pretty(&value)] {
            prop_assert_eq!(json::from_str(&text), Ok(value.clone()), "{}", text);
            let unsafe_to_show = |c: char| c != '\n' && gatos_core::value::is_unsafe_to_show(c);
            prop_assert!(!text.contains(unsafe_to_show));
        }
    }

    #[test]
    fn content_ids_round_trip(cid in any::<Cid>(), at in any::<Index>(), byte in any::<u8>()) {
        let text = cid.to_string();
        prop_assert_eq!(text.parse(), Ok(cid));
        prop_assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
        let mut changed = text.clone().into_bytes();
        changed[at.index(text.len())] = byte;
        if let Ok(other) = String::from_utf8(changed).unwrap_or_default().parse::<Cid>() {
            prop_assert_eq!(other == cid, other.to_string() == text);
        }
    }
}

#[test]
fn the_order_in_which_keys_were_given_leaves_no_trace() {
    let keys: Vec<String> = (0..40).map(|i| format!("k{}", i * i)).collect();
    let expected = Value::map(keys.iter().map(|k| (k.clone(), Value::Null)));
    for rotation in 0..keys.len() {
        let mut map = gatos_core::value::Map::new();
        for key in keys[rotation..].iter().chain(&keys[..rotation]) {
            map.insert(key.clone(), Value::Null);
        }
        assert_eq!(cbor::encode(&Value::Map(map)), cbor::encode(&expected));
    }
}
