//! Roots, sharing and refusals.

use std::collections::BTreeMap;

use super::build::part_width;
use super::{StateError, StatePath, StateTree, children};
use crate::cbor;
use crate::cid::Cid;
use crate::value::Value;

fn load(tree: &StateTree) -> Result<Value, StateError> {
    StateTree::load(tree.root, &|cid| tree.blocks.get(cid).cloned())
}

fn numbered(count: i64) -> Vec<(String, Value)> {
    let entry = |i: i64| {
        let value = Value::map([("n", Value::from(i)), ("sum", Value::from(i * 7))]);
        (format!("key-{i}"), value)
    };
    (0..count).map(entry).collect()
}

/// A small generator, so that tests need no randomness.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn shuffled<T>(mut items: Vec<T>, random: &mut Random) -> Vec<T> {
    for i in (1..items.len()).rev() {
        items.swap(i, (random.next() % (i as u64 + 1)) as usize);
    }
    items
}

#[test]
fn values_come_back() {
    let long = "x".repeat(5000);
    for value in [
        Value::Null,
        Value::from(7),
        Value::text(&long),
        Value::bytes(vec![1; 5000]),
        Value::Link(Cid::of_raw(b"")),
        Value::list([]),
        Value::map::<String>([]),
        Value::list((0..5000).map(Value::from)),
        Value::list((0..40).map(|_| Value::text(&long))),
        Value::map(numbered(3000)),
        Value::map([
            ("a", Value::map(numbered(200))),
            ("b", Value::list((0..300).map(Value::from))),
        ]),
    ] {
        let tree = StateTree::build(&value);
        assert_eq!(load(&tree).as_ref(), Ok(&value));
        let mut reached = vec![tree.root];
        let mut known = BTreeMap::new();
        while let Some(cid) = reached.pop() {
            let block = &tree.blocks[&cid];
            reached.extend(children(cid, block).unwrap());
            known.insert(cid, block.clone());
        }
        assert_eq!(known, tree.blocks, "children() reaches exactly the blocks");
    }
}

#[test]
fn insertion_order_leaves_no_trace() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let entries = numbered(500);
    let expect = StateTree::build(&Value::map(entries.clone()));
    for _ in 0..100 {
        let map = Value::map(shuffled(entries.clone(), &mut random));
        assert_eq!(StateTree::build(&map), expect);
    }
}

#[test]
fn one_changed_key_changes_few_blocks() {
    let mut entries = numbered(100_000);
    let before = StateTree::build(&Value::map(entries.clone()));
    entries[31_415].1 = Value::from(0);
    let after = StateTree::build(&Value::map(entries));
    let new: Vec<_> = after
        .blocks
        .iter()
        .filter(|(cid, _)| !before.blocks.contains_key(cid))
        .collect();
    let bytes: usize = new.iter().map(|(_, block)| block.len()).sum();
    assert!(
        new.len() <= 6 && bytes <= 8192,
        "{} blocks, {bytes} bytes",
        new.len()
    );
}

#[test]
fn an_appended_item_changes_few_blocks() {
    for count in [4095, 4096, 65_535, 65_536, 70_001] {
        let before = StateTree::build(&Value::list((0..count).map(Value::from)));
        let after = StateTree::build(&Value::list((0..=count).map(Value::from)));
        let new = after
            .blocks
            .keys()
            .filter(|cid| !before.blocks.contains_key(cid))
            .count();
        assert!(new <= 6, "{new} blocks at {count}");
    }
}

#[test]
fn widths() {
    for (count, width) in [
        (1, 1),
        (2, 1),
        (16, 1),
        (17, 16),
        (256, 16),
        (257, 256),
        (4097, 4096),
    ] {
        assert_eq!(part_width(count), width, "{count}");
    }
}

#[test]
fn paths() {
    let value = Value::map([
        ("groups", Value::map(numbered(1000))),
        (
            "list",
            Value::list((1..=1000).map(|i| Value::list([Value::from(i)]))),
        ),
        ("odd key", Value::from(1)),
    ]);
    let tree = StateTree::build(&value);
    for (path, expect) in [
        ("groups.key-17.n", Some(Value::from(17))),
        ("groups.key-1000", None),
        ("list[777][1]", Some(Value::from(777))),
        ("list[1001]", None),
        ("list.x", None),
        ("[\"odd key\"]", Some(Value::from(1))),
        ("", Some(value.clone())),
    ] {
        let parsed: StatePath = path.parse().unwrap();
        assert_eq!(parsed.to_string(), path);
        let found = StateTree::get(tree.root, &parsed, &|cid| tree.blocks.get(cid).cloned());
        assert_eq!(found, Ok(expect), "{path}");
    }
    for path in [
        ".", "a.", "a..b", "[0]", "[01]", "[-1]", "[", "a]", "[\"a]", "a[1]b", "[\"a\"",
    ] {
        assert!(path.parse::<StatePath>().is_err(), "{path}");
    }
}

#[test]
fn other_trees_of_the_same_value_are_refused() {
    let block = |value: &Value| {
        let bytes = cbor::encode(value);
        (Cid::of_dag_cbor(&bytes), bytes)
    };
    let one = Value::map([("a", Value::from(1))]);
    let (inner, inner_bytes) = block(&one);
    let outer = Value::map([("x", Value::map([("$node", Value::Link(inner))]))]);
    let parts: Vec<Value> = std::iter::repeat_n(Value::Null, 15)
        .chain([one.clone()])
        .collect();
    let split = Value::map([("$map", Value::list([Value::from(1), Value::List(parts)]))]);
    let listed = Value::list([Value::from(2), Value::list([Value::list([Value::Null])])]);
    for (value, canonical) in [
        (outer, true),
        (split, true),
        (Value::map([("$list", listed)]), true),
        (Value::map([("$other", Value::from(1))]), false),
        (
            Value::map([("$map", Value::from(1)), ("a", Value::from(1))]),
            false,
        ),
        (
            Value::map([("a", Value::map([("$node", Value::from(1))]))]),
            false,
        ),
    ] {
        let (root, bytes) = block(&value);
        let found = StateTree::load(root, &|cid| {
            [(root, &bytes), (inner, &inner_bytes)]
                .into_iter()
                .find(|(known, _)| known == cid)
                .map(|(_, bytes)| bytes.clone())
        });
        match found {
            Err(StateError::NotCanonical { .. }) => assert!(canonical, "{value:?}"),
            Err(StateError::Shape { .. }) => assert!(!canonical, "{value:?}"),
            other => panic!("{value:?}: {other:?}"),
        }
    }
}

#[test]
fn damage_is_named() {
    let tree = StateTree::build(&Value::map(numbered(200)));
    for cid in tree.blocks.keys() {
        let mut without = tree.clone();
        without.blocks.remove(cid);
        assert_eq!(load(&without), Err(StateError::Missing { cid: *cid }));
        let mut flipped = tree.clone();
        flipped.blocks.get_mut(cid).unwrap()[0] ^= 1;
        assert_eq!(load(&flipped), Err(StateError::Damaged { cid: *cid }));
    }
}
