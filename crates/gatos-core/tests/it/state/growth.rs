//! Trees that are grown from the one before.

use gatos_core::cid::Cid;
use gatos_core::state::{Memo, StateTree};
use gatos_core::value::{Shape, Value};
use proptest::collection::vec;
use proptest::prelude::*;

/// What may become of a value: some of it stays.
pub(super) fn altered(value: Value) -> BoxedStrategy<Value> {
    let other = any_with::<Value>(Shape::Any);
    match value {
        Value::List(items) => {
            let count = items.len();
            let kept = items.into_iter().map(altered).collect::<Vec<_>>();
            let shorter = (kept, 0..=count, vec(other.clone(), 0..3));
            let shorter = shorter.prop_map(|(mut items, left, more)| {
                if more.len() == 1 {
                    items.truncate(left);
                }
                items.extend(more);
                Value::List(items)
            });
            prop_oneof![8 => shorter, 1 => other].boxed()
        }
        Value::Map(map) => {
            let entries = map.into_iter().map(|(key, value)| {
                (Just(key), altered(value), 0..8_u8)
                    .prop_map(|(key, value, chance)| (key, value, chance > 0))
            });
            let entries = entries.collect::<Vec<_>>();
            let more = vec(("[a-c]{0,4}", other.clone()), 0..3);
            let changed = (entries, more).prop_map(|(entries, more)| {
                let kept = entries.into_iter().filter(|(_, _, kept)| *kept);
                Value::map(kept.map(|(key, value, _)| (key, value)).chain(more))
            });
            prop_oneof![8 => changed, 1 => other].boxed()
        }
        scalar => prop_oneof![6 => Just(scalar), 1 => other].boxed(),
    }
}

/// The tree that is grown from the one before is the tree that is built, and what it is made of is
/// either new or was there.
fn check_growth(before: &Value, after: &Value) {
    let (old, new) = (StateTree::build(before), StateTree::build(after));
    let fetch = |cid: &Cid| old.blocks.get(cid).cloned();
    let mut memo = Memo::new(old.root, before);
    let revision = memo.advance(after, &fetch).unwrap();
    assert_eq!(revision.root, new.root, "{before:?} becomes {after:?}");
    for (cid, block) in &new.blocks {
        let found = revision.blocks.get(cid).or_else(|| old.blocks.get(cid));
        assert_eq!(found, Some(block), "{before:?} becomes {after:?}");
    }
    // What is remembered is the new value: nothing has changed since.
    let again = memo.advance(after, &|_| None).unwrap();
    assert_eq!((again.root, again.blocks.len()), (new.root, 0));
}

proptest! {
    #[test]
    fn growing_is_building(
        (before, after) in any_with::<Value>(Shape::Any).prop_flat_map(|v| (Just(v.clone()), altered(v)))
    ) {
        check_growth(&before, &after);
    }

    /// Sizes about the limits of the format: maps and lists that split and become whole again.
    #[test]
    fn growing_across_the_limits(
        count in 0..400_i64, more in 0..400_i64, removed in 0..400_i64, width in 0..60_usize, seed in any::<u64>(),
    ) {
        let entry = |i: i64, salt: u64| {
            let text = "x".repeat((i as usize * 7 + salt as usize % 13) % (width + 1));
            (format!("k{i}"), Value::text(text))
        };
        let before = Value::map((0..count).map(|i| entry(i, 0)));
        let changed = |i: i64| if i as u64 % 97 == seed % 97 { seed } else { 0 };
        let after = Value::map((removed..count + more).map(|i| entry(i, changed(i))));
        check_growth(&before, &after);
        let list = |from: i64, to: i64, salt: u64| Value::list((from..to).map(|i| {
            entry(i, if i as u64 % 97 == seed % 97 { salt } else { 0 }).1
        }));
        check_growth(&list(0, count, 0), &list(0, count + more, seed));
        check_growth(&list(0, count, 0), &list(removed.min(count), count, seed));
        let wrap = |inner: Value| Value::map([("log", inner), ("n", Value::from(7))]);
        check_growth(&wrap(list(0, count, 0)), &wrap(list(0, count + more, 0)));
        check_growth(&wrap(before), &wrap(after));
    }
}

#[test]
fn a_list_grows_across_every_width() {
    let list = |count: i64| Value::list((0..count).map(Value::from));
    for count in [
        0, 1, 15, 16, 17, 255, 256, 257, 2000, 2001, 4095, 4096, 4097, 65_536,
    ] {
        for more in [1, 2, 16, 300, 5000] {
            check_growth(&list(count), &list(count + more));
        }
    }
}

#[test]
fn growing_makes_what_changed_only() {
    let entry = |i: i64| (format!("key-{i}"), Value::map([("n", Value::from(i))]));
    let before = Value::map((0..100_000).map(entry));
    let Value::Map(mut map) = before.clone() else {
        unreachable!("a map was made");
    };
    for i in 0..10 {
        map.insert(format!("key-{}", i * 7919), Value::from(i));
    }
    let after = Value::Map(map);
    let old = StateTree::build(&before);
    let asked = std::cell::Cell::new(0);
    let fetch = |cid: &Cid| {
        asked.set(asked.get() + 1);
        old.blocks.get(cid).cloned()
    };
    let revision = Memo::new(old.root, &before)
        .advance(&after, &fetch)
        .unwrap();
    assert_eq!(revision.root, StateTree::build(&after).root);
    assert!(
        asked.get() <= 41 && revision.blocks.len() <= 41,
        "{asked:?}"
    );
}
