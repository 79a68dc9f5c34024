//! Value to blocks.
//!
//= spec/state.md#bodies

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{
    FANOUT, LIST_KEY, MAP_KEY, MAX_INLINE_PART_BYTES, MAX_INLINE_VALUE_BYTES, MAX_PLAIN_BYTES,
    NODE_KEY, StateTree,
};
use crate::cbor;
use crate::cid::Cid;
use crate::value::{Map, Value};

/// The tree of a value.
pub(super) fn build(value: &Value) -> StateTree {
    let mut builder = Builder::default();
    let body = builder.body(value);
    let root = builder.store(&body);
    StateTree {
        root,
        blocks: builder.blocks,
    }
}

#[derive(Default)]
struct Builder {
    blocks: BTreeMap<Cid, Vec<u8>>,
}

/// An entry of a map whose value already is a child.
struct Entry<'a> {
    /// SHA-256 of the key
    hash: [u8; 32],
    key: &'a str,
    child: Value,
    /// Bytes of key and child
    length: usize,
}

impl Builder {
    fn store(&mut self, body: &Value) -> Cid {
        let bytes = cbor::encode(body);
        let cid = Cid::of_dag_cbor(&bytes);
        self.blocks.insert(cid, bytes);
        cid
    }

    /// What stands for a value in a block of its own.
    fn body(&mut self, value: &Value) -> Value {
        match value {
            Value::List(items) => {
                let children: Vec<Value> = items.iter().map(|item| self.child(item)).collect();
                let lengths: Vec<usize> = children.iter().map(cbor::encoded_len).collect();
                self.list(&children, &lengths)
            }
            Value::Map(map) => {
                let mut entries: Vec<Entry<'_>> = map
                    .iter()
                    .map(|(key, value)| {
                        let child = self.child(value);
                        let length = text_len(key).saturating_add(cbor::encoded_len(&child));
                        let hash = Sha256::digest(key.as_bytes()).into();
                        Entry {
                            hash,
                            key,
                            child,
                            length,
                        }
                    })
                    .collect();
                entries.sort_unstable_by_key(|entry| entry.hash);
                self.map(&entries, 0)
            }
            scalar => scalar.clone(),
        }
    }

    /// What stands for a value inside another.
    fn child(&mut self, value: &Value) -> Value {
        let body = self.body(value);
        if cbor::encoded_len(&body) <= MAX_INLINE_VALUE_BYTES {
            return body;
        }
        Value::map([(NODE_KEY, Value::Link(self.store(&body)))])
    }

    /// What stands for a part among the parts of a split list or map.
    fn part(&mut self, body: Value) -> Value {
        if cbor::encoded_len(&body) <= MAX_INLINE_PART_BYTES {
            return body;
        }
        Value::Link(self.store(&body))
    }

    fn list(&mut self, children: &[Value], lengths: &[usize]) -> Value {
        if children.len() <= 1 || plain_len(lengths.iter().copied()) <= MAX_PLAIN_BYTES {
            return Value::list(children.iter().cloned());
        }
        let width = part_width(children.len());
        let parts: Vec<Value> = children
            .chunks(width)
            .zip(lengths.chunks(width))
            .map(|(children, lengths)| {
                let body = self.list(children, lengths);
                self.part(body)
            })
            .collect();
        split(LIST_KEY, children.len(), parts)
    }

    /// The body of a map with these entries, whose hashes agree in their first `depth` digits.
    fn map(&mut self, entries: &[Entry<'_>], depth: usize) -> Value {
        let plain = plain_len(entries.iter().map(|entry| entry.length));
        if entries.len() <= 1 || plain <= MAX_PLAIN_BYTES {
            let entries = entries.iter();
            return Value::Map(
                entries
                    .map(|entry| (entry.key.to_owned(), entry.child.clone()))
                    .collect::<Map>(),
            );
        }
        let mut rest = entries;
        let parts: Vec<Value> = (0..FANOUT)
            .map(|nibble| {
                let end = rest.partition_point(|entry| digit(&entry.hash, depth) <= nibble);
                let (part, behind) = rest.split_at(end);
                rest = behind;
                if part.is_empty() {
                    return Value::Null;
                }
                let body = self.map(part, depth.saturating_add(1));
                self.part(body)
            })
            .collect();
        split(MAP_KEY, entries.len(), parts)
    }
}

/// Items of each part but the last of a list of `count`: the greatest power of 16 below it.
pub(super) const fn part_width(count: usize) -> usize {
    let digits = count.saturating_sub(1).checked_ilog2();
    match digits {
        // A hexadecimal digit is four binary ones.
        Some(bits) => 1 << (bits & !3),
        None => 1,
    }
}

/// One of the 64 hexadecimal digits of a hash, the first at depth 0.
pub(super) fn digit(hash: &[u8; 32], depth: usize) -> usize {
    let byte = hash.get(depth >> 1).copied().unwrap_or(0);
    usize::from(if depth & 1 == 0 {
        byte >> 4
    } else {
        byte & 0x0f
    })
}

/// The body of a split list or map.
fn split(key: &str, count: usize, parts: Vec<Value>) -> Value {
    let count = Value::count(u64::try_from(count).unwrap_or(u64::MAX));
    Value::map([(key, Value::list([count, Value::List(parts)]))])
}

/// Bytes of a list or map whose items have these lengths.
fn plain_len(lengths: impl ExactSizeIterator<Item = usize>) -> usize {
    let head = head_len(lengths.len());
    lengths.fold(head, usize::saturating_add)
}

fn text_len(text: &str) -> usize {
    head_len(text.len()).saturating_add(text.len())
}

/// Bytes of the head of an item with this argument.
const fn head_len(argument: usize) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}
