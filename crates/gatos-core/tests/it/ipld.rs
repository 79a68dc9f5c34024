//! The fixtures of ipld/codec-fixtures: each file is read, and written back to the same bytes.

use std::collections::BTreeMap;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use ipld_core::ipld::Ipld;

/// How many fixtures round-trip, and how many are outside the profile, by class of the refusal.
const VERDICTS: &[(&str, usize)] = &[
    ("round trip", 66),
    ("float", 21),
    ("integer-range", 3),
    ("link", 35),
];

/// Whether the other implementation sees something in it that our profile leaves out.
fn is_outside(ipld: &Ipld) -> bool {
    match ipld {
        Ipld::Null | Ipld::Bool(_) | Ipld::String(_) | Ipld::Bytes(_) => false,
        Ipld::Integer(integer) => i64::try_from(*integer).is_err(),
        Ipld::Float(_) => true,
        Ipld::List(items) => items.iter().any(is_outside),
        Ipld::Map(map) => map.values().any(is_outside),
        Ipld::Link(cid) => Cid::from_bytes(&cid.to_bytes()).is_err(),
    }
}

#[test]
fn fixtures_round_trip_or_are_outside_the_profile() {
    let Some(folder) = crate::foreign_vectors("dag-cbor") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let Some((name, cid)) = file
            .strip_suffix(".dag-cbor")
            .and_then(|stem| stem.rsplit_once("--"))
        else {
            continue;
        };
        let bytes = std::fs::read(&path).unwrap();
        let cid: Cid = cid.parse().unwrap();
        assert!(cid.names(&bytes), "{file}");
        let theirs: Ipld = serde_ipld_dagcbor::from_slice(&bytes).unwrap();
        let class = match cbor::decode(&bytes) {
            Ok(value) => {
                assert_eq!(cbor::encode(&value), bytes, "{file}");
                assert!(!is_outside(&theirs), "{name}");
                "round trip"
            }
            Err(error) => {
                assert!(is_outside(&theirs), "{name}: {error}");
                error.kind.class()
            }
        };
        *counts.entry(class).or_default() += 1;
    }
    let expected: BTreeMap<_, _> = VERDICTS.iter().copied().collect();
    assert_eq!(counts, expected);
}

#[test]
fn the_negative_fixtures_are_refused() {
    let Some(file) = crate::foreign_vectors("dag-cbor/negative--duplicate-keys.json") else {
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let hex = case["hex"].as_str().unwrap();
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let error = cbor::decode(&bytes).unwrap_err();
        assert_eq!(error.kind.class(), "key-order", "{case}");
    }
}
