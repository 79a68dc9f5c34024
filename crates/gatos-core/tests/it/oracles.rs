//! Strict DAG-CBOR against another implementation: ours accepts a subset, and writes the same bytes.

use std::collections::BTreeMap;

use gatos_core::cbor;
use gatos_core::value::{Shape, Value, values};
use ipld_core::ipld::Ipld;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::negatives::{NEGATIVES, bytes};

fn theirs(value: &Value) -> Ipld {
    match value {
        Value::Null => Ipld::Null,
        Value::Bool(b) => Ipld::Bool(*b),
        Value::Integer(i) => Ipld::Integer((*i).into()),
        Value::Decimal(d) => {
            let text = Ipld::String(d.decimal().to_string());
            Ipld::Map(BTreeMap::from([("$dec".to_owned(), text)]))
        }
        Value::Text(text) => Ipld::String(text.clone()),
        Value::Bytes(bytes) => Ipld::Bytes(bytes.clone()),
        Value::List(items) => Ipld::List(items.iter().map(theirs).collect()),
        Value::Map(map) => Ipld::Map(map.iter().map(|(k, v)| (k.to_owned(), theirs(v))).collect()),
        Value::Link(cid) => Ipld::Link(ipld_core::cid::Cid::try_from(&cid.to_bytes()[..]).unwrap()),
    }
}

fn their_encoding(bytes: &[u8]) -> Option<Vec<u8>> {
    let ipld: Ipld = serde_ipld_dagcbor::from_slice(bytes).ok()?;
    Some(serde_ipld_dagcbor::to_vec(&ipld).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_write_the_same_bytes(value in values(Shape::Any)) {
        let ours = cbor::encode(&value);
        prop_assert_eq!(serde_ipld_dagcbor::to_vec(&theirs(&value)).unwrap(), ours);
    }

    #[test]
    fn what_ours_accepts_theirs_accepts_and_writes_back(
        value in values(Shape::Any), at in any::<Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = cbor::encode(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cbor::decode(&bytes).is_ok() {
            prop_assert_eq!(their_encoding(&bytes), Some(bytes));
        }
    }
}

/// What the other implementation accepts although DAG-CBOR forbids it, seen in version 0.7.
const THEIR_LAPSES: &[&str] = &["indefinite-key"];

#[test]
fn what_theirs_accepts_and_ours_does_not_is_the_profile() {
    let profile = [
        "float",
        "integer-range",
        "link",
        "reserved-key",
        "decimal-form",
        "decimal",
    ];
    let lapses: Vec<&str> = NEGATIVES
        .iter()
        .filter(|(_, hex, class)| !profile.contains(class) && their_encoding(&bytes(hex)).is_some())
        .map(|(name, ..)| *name)
        .collect();
    assert_eq!(lapses, THEIR_LAPSES);
}

/// A feature that relaxes the oracle for the whole program must never be on unnoticed.
#[test]
fn floats_that_an_integer_would_hold_are_refused() {
    assert!(cbor::decode(&bytes("fa 3f 80 00 00")).is_err());
    let theirs: Result<Ipld, _> = serde_ipld_dagcbor::from_slice(&bytes("fa 3f 80 00 00"));
    assert!(theirs.is_err(), "`less-strict-decoding` is on");
}
