//! What two states hold differently, and what it costs to find it.

use std::collections::BTreeSet;

use gatos_core::cid::Cid;
use gatos_core::state::{Difference, Side, StateTree, Step};
use gatos_core::value::{Shape, Value};
use proptest::prelude::*;

use super::growth::altered;

/// The differences of two values, found by looking at all of both.
fn plain_diff(path: &mut Vec<Step>, old: &Value, new: &Value, found: &mut Vec<Difference>) {
    let note = |path: &[Step], old: Option<&Value>, new: Option<&Value>| {
        let side = |value: &Value| Side::Value(value.clone());
        Difference {
            path: path.iter().cloned().collect(),
            old: old.map(side),
            new: new.map(side),
        }
    };
    match (old, new) {
        (Value::Map(a), Value::Map(b)) => {
            let keys: BTreeSet<&str> = a.keys().chain(b.keys()).collect();
            for key in keys {
                path.push(Step::Key(key.to_owned()));
                match (a.get(key), b.get(key)) {
                    (Some(old), Some(new)) => plain_diff(path, old, new, found),
                    (old, new) => found.push(note(path, old, new)),
                }
                path.pop();
            }
        }
        (Value::List(a), Value::List(b)) => {
            for index in 0..a.len().max(b.len()) {
                path.push(Step::Index(index as u64 + 1));
                match (a.get(index), b.get(index)) {
                    (Some(old), Some(new)) => plain_diff(path, old, new, found),
                    (old, new) => found.push(note(path, old, new)),
                }
                path.pop();
            }
        }
        (old, new) if old == new => {}
        (old, new) => found.push(note(path, Some(old), Some(new))),
    }
}

/// What is found is what looking at all of both finds; sizes apart, where values are not listed.
fn check_diff(old: &Value, new: &Value) {
    let (a, b) = (StateTree::build(old), StateTree::build(new));
    let fetch_a = |cid: &Cid| a.blocks.get(cid).cloned();
    let fetch_b = |cid: &Cid| b.blocks.get(cid).cloned();
    let diff = StateTree::diff((a.root, &fetch_a), (b.root, &fetch_b), usize::MAX).unwrap();
    let mut plain = Vec::new();
    plain_diff(&mut Vec::new(), old, new, &mut plain);
    plain.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(diff.count, plain.len() as u64, "{old:?} to {new:?}");
    for (found, expect) in diff.listed.iter().zip(&plain) {
        let found_large = |side: &Option<Side>| matches!(side, Some(Side::Large { .. }));
        assert_eq!(found.path, expect.path);
        for (found, expect) in [(&found.old, &expect.old), (&found.new, &expect.new)] {
            assert!(found == expect || found_large(found) && expect.is_some());
        }
    }
}

proptest! {
    #[test]
    fn a_diff_is_what_looking_at_everything_finds(
        (before, after) in any_with::<Value>(Shape::Any).prop_flat_map(|v| (Just(v.clone()), altered(v)))
    ) {
        check_diff(&before, &after);
    }

    #[test]
    fn a_diff_across_the_limits(old in 0..600_i64, new in 0..600_i64, from in 0..300_i64, seed in 0..97_i64) {
        let item = |i: i64| Value::text("x".repeat((i * 7 % 40) as usize));
        let changed = |i: i64| if i % 97 == seed { Value::from(i) } else { item(i) };
        check_diff(&Value::list((0..old).map(item)), &Value::list((0..new).map(changed)));
        check_diff(
            &Value::map((0..old).map(|i| (format!("k{i}"), item(i)))),
            &Value::map((from..from + new).map(|i| (format!("k{i}"), changed(i)))),
        );
    }
}

#[test]
fn a_diff_reads_what_differs_only() {
    let entry = |i: i64| (format!("key-{i}"), Value::map([("n", Value::from(i))]));
    let wrap = |map: Value| Value::map([("groups", map), ("total", Value::from(1))]);
    let before = wrap(Value::map((0..100_000).map(entry)));
    let after = wrap(Value::map((1..100_001).map(entry)));
    let (a, b) = (StateTree::build(&before), StateTree::build(&after));
    let asked = std::cell::Cell::new(0);
    let fetch = |tree: &StateTree, cid: &Cid| {
        asked.set(asked.get() + 1);
        tree.blocks.get(cid).cloned()
    };
    let diff = StateTree::diff(
        (a.root, &|cid| fetch(&a, cid)),
        (b.root, &|cid| fetch(&b, cid)),
        1,
    );
    let diff = diff.unwrap();
    assert_eq!((diff.count, diff.listed.len()), (2, 1));
    assert!(asked.get() <= 24, "{} blocks", asked.get());
}
