//! State trees: roots that never change, and costs.

mod diff;
mod growth;
mod proofs;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gatos_core::cid::Cid;
use gatos_core::json;
use gatos_core::state::{StateTree, children};
use gatos_core::value::Value;

/// Values at the limits of the format.
fn values() -> Vec<(&'static str, Value)> {
    let text = |length| Value::text("x".repeat(length));
    let entries = |count: i64| {
        Value::map((0..count).map(|i| (format!("key-{i}"), Value::map([("n", Value::from(i))]))))
    };
    let range = |count: i64| Value::list((0..count).map(Value::from));
    vec![
        ("null", Value::Null),
        ("an integer", Value::from(-7)),
        ("an empty map", Value::map::<String>([])),
        ("an empty list", Value::list([])),
        (
            "a small map",
            json::from_str(r#"{"b":0.10,"aa":[1,null,true]}"#).unwrap(),
        ),
        (
            "a text of 1021 bytes stands inline",
            Value::list([text(1021)]),
        ),
        ("a text of 1022 bytes does not", Value::list([text(1022)])),
        ("a long text as the state", text(3000)),
        (
            "a list of 2048 bytes",
            Value::list([text(1000), text(1000), text(39)]),
        ),
        (
            "a list of 2049 bytes",
            Value::list([text(1000), text(1000), text(40)]),
        ),
        ("a list of one long text", Value::list([text(5000)])),
        (
            "16 items of 200 bytes",
            Value::list((0..16).map(|_| text(200))),
        ),
        (
            "17 items of 200 bytes",
            Value::list((0..17).map(|_| text(200))),
        ),
        ("a list of 2000 integers", range(2000)),
        ("a list of 2001 integers", range(2001)),
        ("a map of 100 entries", entries(100)),
        ("a map of 180 entries", entries(180)),
        ("a map of 1000 entries", entries(1000)),
        (
            "one entry with a long key",
            Value::map([("k".repeat(3000), Value::Null)]),
        ),
        (
            "two entries with long keys",
            Value::map((0..2).map(|i| ("k".repeat(2000 + i), Value::Null))),
        ),
        (
            "maps in maps",
            Value::map((0..3).map(|i| (format!("group-{i}"), entries(60 + i)))),
        ),
        (
            "links are content",
            Value::list([Value::map([("a", Value::Link(Cid::of_raw(b"x")))])]),
        ),
    ]
}

#[test]
fn roots() {
    let path = crate::manifest().join("vectors/state/roots.json");
    let mut out = String::from("[\n");
    let values = values();
    for (index, (name, value)) in values.iter().enumerate() {
        let tree = StateTree::build(value);
        let fetch = |cid: &Cid| tree.blocks.get(cid).cloned();
        assert_eq!(StateTree::load(tree.root, &fetch).as_ref(), Ok(value));
        let bytes: usize = tree.blocks.values().map(Vec::len).sum();
        writeln!(out, "  {{").unwrap();
        writeln!(
            out,
            "    \"name\": {},",
            json::to_string(&Value::text(*name))
        )
        .unwrap();
        writeln!(out, "    \"root\": \"{}\",", tree.root).unwrap();
        writeln!(out, "    \"blocks\": {},", tree.blocks.len()).unwrap();
        writeln!(out, "    \"bytes\": {bytes},").unwrap();
        writeln!(out, "    \"value\": {}", json::to_string(value)).unwrap();
        out.push_str(if index + 1 < values.len() {
            "  },\n"
        } else {
            "  }\n"
        });
    }
    out.push_str("]\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), out);
}

/// Which blocks a walk from the root reaches.
fn reached(tree: &StateTree) -> BTreeSet<Cid> {
    let mut found = BTreeSet::new();
    let mut pending = vec![tree.root];
    while let Some(cid) = pending.pop() {
        if found.insert(cid) {
            pending.extend(children(cid, &tree.blocks[&cid]).unwrap());
        }
    }
    found
}

#[test]
fn every_block_is_reached() {
    for (name, value) in values() {
        let tree = StateTree::build(&value);
        assert!(reached(&tree).iter().eq(tree.blocks.keys()), "{name}");
    }
}
