//! Value to blocks, written as bytes from the first: what a block holds is encoded once.
//!
//= spec/state.md#bodies

use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{
    FANOUT, LIST_KEY, MAP_KEY, MAX_INLINE_PART_BYTES, MAX_INLINE_VALUE_BYTES, MAX_PLAIN_BYTES,
    NODE_KEY, StateTree,
};
use crate::cbor::{Sink as _, write, write_count, write_link, write_text};
use crate::cid::Cid;
use crate::value::Value;

/// CBOR's major type of lists.
pub(super) const LIST: u8 = 4;
/// CBOR's major type of maps.
pub(super) const MAP: u8 = 5;
/// The encoding of null, which stands for a part of a map without entries.
const NULL: u8 = 0xf6;

/// The tree of a value.
pub(super) fn build(value: &Value) -> StateTree {
    let mut builder = Builder::default();
    let mut body = Vec::new();
    builder.body(value, &mut body);
    let root = builder.store(body);
    StateTree {
        root,
        blocks: builder.blocks,
    }
}

/// Blocks that were made.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) blocks: BTreeMap<Cid, Vec<u8>>,
    /// Where the items begin of the lists and maps that are being written, innermost last
    starts: Vec<usize>,
}

/// An entry of a map in the arena that holds all of them, in the order of their keys.
struct Entry {
    /// SHA-256 of the key
    hash: [u8; 32],
    /// Encoded key and child
    place: Range<usize>,
}

impl Builder {
    pub(super) fn store(&mut self, mut body: Vec<u8>) -> Cid {
        body.shrink_to_fit();
        let cid = Cid::of_dag_cbor(&body);
        self.blocks.insert(cid, body);
        cid
    }

    /// Write what stands for a value in a block of its own.
    pub(super) fn body(&mut self, value: &Value, out: &mut Vec<u8>) {
        let (begin, first) = (out.len(), self.starts.len());
        match value {
            Value::List(items) => {
                write_count(out, LIST, items.len());
                for item in items {
                    self.starts.push(out.len());
                    self.child(item, out);
                }
                let starts = self.starts.split_off(first);
                self.settle_list(begin, &starts, out);
            }
            Value::Map(map) => {
                write_count(out, MAP, map.len());
                for (key, value) in map.iter() {
                    self.starts.push(out.len());
                    write_text(out, key);
                    self.child(value, out);
                }
                if is_plain(map.len(), out.len().saturating_sub(begin)) {
                    self.starts.truncate(first);
                } else {
                    let starts = self.starts.split_off(first);
                    let keys = map.keys();
                    self.settle_map(begin, (&starts, keys), 0, out);
                }
            }
            scalar => write(out, scalar),
        }
    }

    /// Write what stands for a value inside another.
    pub(super) fn child(&mut self, value: &Value, out: &mut Vec<u8>) {
        let begin = out.len();
        self.body(value, out);
        self.settle_child(begin, out);
    }

    /// Make the child of the body that was written from `begin` on.
    pub(super) fn settle_child(&mut self, begin: usize, out: &mut Vec<u8>) {
        if out.len().saturating_sub(begin) > MAX_INLINE_VALUE_BYTES {
            let link = self.store(out.split_off(begin));
            write_count(out, MAP, 1);
            write_text(out, NODE_KEY);
            write_link(out, &link);
        }
    }

    /// Make the part of the body that was written from `begin` on.
    pub(super) fn settle_part(&mut self, begin: usize, out: &mut Vec<u8>) {
        if out.len().saturating_sub(begin) > MAX_INLINE_PART_BYTES {
            let link = self.store(out.split_off(begin));
            write_link(out, &link);
        }
    }

    /// Make the list body of the children that were written, with a head, from `begin` on, and each
    /// of which begins at one of `starts`.
    pub(super) fn settle_list(&mut self, begin: usize, starts: &[usize], out: &mut Vec<u8>) {
        if is_plain(starts.len(), out.len().saturating_sub(begin)) {
            return;
        }
        let arena = out.split_off(begin);
        let local = |at: &usize| at.saturating_sub(begin);
        let mut starts: Vec<usize> = starts.iter().map(local).collect();
        starts.push(arena.len());
        self.list(&arena, &starts, out);
    }

    /// `starts` has one more than there are children: where the last ends.
    fn list(&mut self, arena: &[u8], starts: &[usize], out: &mut Vec<u8>) {
        let count = starts.len().saturating_sub(1);
        let place = place(starts, 0, count);
        let plain = head_len(count).saturating_add(place.len());
        if is_plain(count, plain) {
            write_count(out, LIST, count);
            out.put(slice(arena, place));
            return;
        }
        let width = part_width(count);
        write_split(LIST_KEY, count, count.div_ceil(width.max(1)), out);
        let mut first = 0;
        while first < count {
            let next = first.saturating_add(width).min(count);
            let begin = out.len();
            self.list(arena, starts.get(first..=next).unwrap_or(&[]), out);
            self.settle_part(begin, out);
            first = next;
        }
    }

    /// Make the map body, at this depth, of the entries that were written, with a head, from
    /// `begin` on in the order of their keys.
    pub(super) fn settle_map<'k>(
        &mut self,
        begin: usize,
        (starts, keys): (&[usize], impl Iterator<Item = &'k str>),
        depth: usize,
        out: &mut Vec<u8>,
    ) {
        if is_plain(starts.len(), out.len().saturating_sub(begin)) {
            return;
        }
        let arena = out.split_off(begin);
        let ends = starts.iter().skip(1).map(|at| at.saturating_sub(begin));
        let ends = ends.chain([arena.len()]);
        let mut entries: Vec<Entry> = starts
            .iter()
            .zip(ends)
            .zip(keys)
            .map(|((start, end), key)| Entry {
                hash: key_hash(key),
                place: start.saturating_sub(begin)..end,
            })
            .collect();
        entries.sort_unstable_by_key(|entry| entry.hash);
        self.map(&arena, &mut entries, depth, out);
    }

    /// The body of a map with these entries, whose hashes agree in their first `depth` digits.
    fn map(&mut self, arena: &[u8], entries: &mut [Entry], depth: usize, out: &mut Vec<u8>) {
        let lengths = entries.iter().map(|entry| entry.place.len());
        let plain = lengths.fold(head_len(entries.len()), usize::saturating_add);
        if is_plain(entries.len(), plain) {
            entries.sort_unstable_by_key(|entry| entry.place.start);
            write_count(out, MAP, entries.len());
            for entry in entries.iter() {
                out.put(slice(arena, entry.place.clone()));
            }
            return;
        }
        write_split(MAP_KEY, entries.len(), FANOUT, out);
        let mut rest = entries;
        for nibble in 0..FANOUT {
            let end = rest.partition_point(|entry| digit(&entry.hash, depth) <= nibble);
            let (part, behind) = rest.split_at_mut(end);
            rest = behind;
            if part.is_empty() {
                out.push(NULL);
                continue;
            }
            let begin = out.len();
            self.map(arena, part, depth.saturating_add(1), out);
            self.settle_part(begin, out);
        }
    }
}

/// Whether a list or map of so many items, whose encoding has so many bytes, is not split.
pub(super) const fn is_plain(count: usize, bytes: usize) -> bool {
    count <= 1 || bytes <= MAX_PLAIN_BYTES
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

/// The hash that says where in a map a key is.
pub(super) fn key_hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
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

/// Write the body of a split list or map up to where its parts begin.
pub(super) fn write_split(key: &str, count: usize, parts: usize, out: &mut Vec<u8>) {
    write_count(out, MAP, 1);
    write_text(out, key);
    write_count(out, LIST, 2);
    // Counts are written as integers are.
    write_count(out, 0, count);
    write_count(out, LIST, parts);
}

/// Where the items from `first` to before `next` stand.
fn place(starts: &[usize], first: usize, next: usize) -> Range<usize> {
    let at = |index| starts.get(index).copied().unwrap_or(0);
    at(first)..at(next)
}

fn slice(arena: &[u8], place: Range<usize>) -> &[u8] {
    arena.get(place).unwrap_or(&[])
}

/// Bytes of the head of an item with this argument.
pub(super) const fn head_len(argument: usize) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}
