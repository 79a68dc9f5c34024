//! Proofs of what a state holds, and of what it does not.

use gatos_core::car::{self, Archive};
use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::state::{StatePath, StateProof, StateProofError, StateTree, Step};
use gatos_core::value::Value;

use super::values;

/// Every path into a value, and some that lead nowhere.
fn some_paths(value: &Value) -> Vec<StatePath> {
    let mut all = Vec::new();
    let mut pending = vec![(Vec::new(), value)];
    while let Some((steps, value)) = pending.pop() {
        let mut next = |step: Step, value| {
            let steps: Vec<Step> = steps.iter().cloned().chain([step]).collect();
            match value {
                Some(value) => pending.push((steps, value)),
                None => all.push(steps.into_iter().collect()),
            }
        };
        match value {
            Value::Map(map) => map
                .iter()
                .for_each(|(k, v)| next(Step::Key(k.to_owned()), Some(v))),
            Value::List(items) => {
                let places = (1..).map(Step::Index).zip(items);
                places.for_each(|(place, item)| next(place, Some(item)));
            }
            _ => {}
        }
        next(Step::Key("nothing".to_owned()), None);
        next(Step::Index(9999), None);
        all.push(steps.into_iter().collect());
    }
    all
}

fn find<'v>(value: &'v Value, path: &StatePath) -> Option<&'v Value> {
    path.steps()
        .iter()
        .try_fold(value, |at, step| match (at, step) {
            (Value::Map(map), Step::Key(key)) => map.get(key),
            (Value::List(items), Step::Index(place)) => items.get(*place as usize - 1),
            _ => None,
        })
}

#[test]
fn proofs_prove_what_is_there_and_what_is_not() {
    let mut proved = 0;
    for (name, value) in values() {
        let tree = StateTree::build(&value);
        let fetch = |cid: &Cid| tree.blocks.get(cid).cloned();
        for path in some_paths(&value).into_iter().step_by(37) {
            let proof = StateProof::new(tree.root, path.clone(), &fetch).unwrap();
            assert_eq!(proof.value(), find(&value, &path), "{name}: {path}");
            let read = StateProof::decode(proof.encode()).unwrap();
            assert_eq!(read, proof);
            proved += 1;
        }
    }
    assert!(proved > 300, "{proved}");
}

#[test]
fn damaged_proofs_are_refused() {
    let groups = (0..1000).map(|i| (format!("key-{i}"), Value::from(i)));
    let value = Value::map([("groups", Value::map(groups)), ("n", Value::from(1))]);
    let tree = StateTree::build(&value);
    let fetch = |cid: &Cid| tree.blocks.get(cid).cloned();
    for path in ["groups.key-17", "groups.nobody", "n.deeper", ""] {
        let proof = StateProof::new(tree.root, path.parse().unwrap(), &fetch).unwrap();
        let file = proof.with_envelope(b"\xa0".to_vec()).encode();
        assert!(StateProof::decode(file.clone()).is_ok());
        for at in (0..file.len()).step_by(if path.is_empty() { 61 } else { 1 }) {
            let mut flipped = file.clone();
            flipped[at] ^= 1;
            assert!(
                StateProof::decode(flipped).is_err(),
                "byte {at} of `{path}`"
            );
            assert!(
                StateProof::decode(file[..at].to_vec()).is_err(),
                "{at} bytes"
            );
        }
        // A block that proves nothing.
        let mut more = file.clone();
        let block = cbor::encode(&Value::text("more"));
        car::write_block(&mut more, Cid::of_dag_cbor(&block), &block).unwrap();
        let refused = StateProof::decode(more);
        assert!(matches!(refused, Err(StateProofError::Superfluous { .. })));
    }
}

/// A proof whose first block claims another path or root, with the blocks that it has.
#[test]
fn a_proof_of_something_else_is_refused() {
    let groups = (0..1000).map(|i| (format!("key-{i}"), Value::from(i)));
    let tree = StateTree::build(&Value::map(groups));
    let fetch = |cid: &Cid| tree.blocks.get(cid).cloned();
    let file = StateProof::new(tree.root, "key-17".parse().unwrap(), &fetch)
        .unwrap()
        .encode();
    let archive = Archive::read(file).unwrap();
    let Value::Map(first) = cbor::decode(archive.get(&archive.root()).unwrap()).unwrap() else {
        panic!("the first block is a map");
    };
    let rewritten = |field: &str, value: Value| {
        let mut first = first.clone();
        first.insert(field, value);
        let first = cbor::encode(&Value::Map(first));
        let root = Cid::of_dag_cbor(&first);
        let rest = archive.ids().filter(|cid| **cid != archive.root());
        let rest = rest.map(|cid| (*cid, archive.get(cid).unwrap()));
        let mut file = Vec::new();
        car::write(&mut file, root, [(root, &*first)].into_iter().chain(rest)).unwrap();
        StateProof::decode(file)
    };
    let text = |key: &str| Value::list([Value::text(key)]);
    assert!(rewritten("path", text("key-17")).is_ok());
    // The blocks of another path are missing, or those that are there lead nowhere.
    for (field, value) in [
        ("path", text("key-18")),
        ("path", Value::list([])),
        ("path", Value::list([Value::from(1)])),
        ("path", Value::list([Value::from(0)])),
        ("path", Value::text("key-17")),
        ("state", Value::Link(Cid::of_dag_cbor(b"other"))),
        ("state", Value::Link(Cid::of_raw(b"other"))),
        ("proof", Value::Link(Cid::of_dag_cbor(b"other"))),
        ("v", Value::from(2)),
        ("more", Value::Null),
    ] {
        assert!(
            rewritten(field, value.clone()).is_err(),
            "{field} {value:?}"
        );
    }
}
