//! How a value differs from an earlier one that is remembered as its encoding.
//!
//! Reading the earlier value's bytes in order, next to the new value, costs about what encoding the
//! new value costs, and needs no second value in memory.

use std::ops::Range;

use super::build::{LIST, MAP};
use crate::cbor::{DECIMAL_KEY, Sink, write, write_count, write_text};
use crate::value::{Map, Value, key_order};

/// Smaller lists and maps are compared as a whole first: usually they are equal.
const WHOLE_BELOW: usize = 16;

/// What became of a value that is not as it was.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// It is another value
    Other(&'a Value),
    /// It is a map still, and these entries changed, in the order of their keys
    Map(Vec<(String, EntryChange<'a>)>),
    /// It is a list still, no shorter, and these of its earlier items changed
    List(&'a [Value], Vec<(usize, Self)>),
}

/// What became of an entry of a map.
#[derive(Debug)]
pub(super) enum EntryChange<'a> {
    Removed,
    Added(&'a Value),
    Changed(Change<'a>),
}

/// The difference, and what makes the earlier encoding the new one.
pub(super) struct Comparison<'a> {
    /// Nothing where the values are equal
    pub(super) change: Option<Change<'a>>,
    /// Ranges of the earlier encoding, in order, and the bytes that stand there now
    pub(super) patches: Vec<(Range<usize>, Vec<u8>)>,
}

/// Compare `new` with the value whose encoding is `old`.
///
/// Nothing where `old` is no encoding.
pub(super) fn compare<'a>(old: &[u8], new: &'a Value) -> Option<Comparison<'a>> {
    let mut walk = Walk {
        old,
        at: 0,
        patches: Vec::new(),
    };
    let change = walk.value(new)?;
    Some(Comparison {
        change,
        patches: walk.patches,
    })
}

struct Walk<'e> {
    old: &'e [u8],
    at: usize,
    patches: Vec<(Range<usize>, Vec<u8>)>,
}

/// Bytes that are compared and kept nowhere.
struct Same<'e> {
    rest: &'e [u8],
    equal: bool,
}

impl Sink for Same<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        // Most heads are one byte, for which calling a comparison takes longer than comparing.
        if let [byte] = bytes {
            match self.rest.split_first() {
                Some((first, rest)) if first == byte => self.rest = rest,
                _ => self.equal = false,
            }
            return;
        }
        if let (true, Some(rest)) = (self.equal, self.rest.strip_prefix(bytes)) {
            self.rest = rest;
        } else {
            self.equal = false;
        }
    }
}

impl<'e> Walk<'e> {
    fn rest(&self) -> &'e [u8] {
        self.old.get(self.at..).unwrap_or(&[])
    }

    /// Compare the item at hand with `new` and step over it. The outer nothing is of bytes that are
    /// no item.
    fn value<'a>(&mut self, new: &'a Value) -> Option<Option<Change<'a>>> {
        let count = match new {
            Value::List(items) => items.len(),
            Value::Map(map) => map.len(),
            _ => 0,
        };
        if count < WHOLE_BELOW {
            let mut same = Same {
                rest: self.rest(),
                equal: true,
            };
            write(&mut same, new);
            // No encoding is the beginning of another.
            if same.equal {
                self.at = self.old.len().saturating_sub(same.rest.len());
                return Some(None);
            }
        }
        let begin = self.at;
        match (self.head()?, new) {
            ((MAP, old), Value::Map(map)) if !self.is_decimal(old) => {
                let changes = self.map((begin, old), map)?;
                Some((!changes.is_empty()).then_some(Change::Map(changes)))
            }
            ((LIST, old), Value::List(items)) if old <= items.len() => {
                let changes = self.list((begin, old), items)?;
                let changed = old < items.len() || !changes.is_empty();
                Some(changed.then_some(Change::List(items, changes)))
            }
            _ => {
                self.at = begin;
                self.skip()?;
                let mut bytes = Vec::new();
                write(&mut bytes, new);
                self.patches.push((begin..self.at, bytes));
                Some(Some(Change::Other(new)))
            }
        }
    }

    /// Whether the map of so many entries whose head was read stands for a number.
    fn is_decimal(&self, count: usize) -> bool {
        let mut key = Vec::new();
        write_text(&mut key, DECIMAL_KEY);
        count == 1 && self.rest().starts_with(&key)
    }

    fn map<'a>(
        &mut self,
        (begin, mut left): (usize, usize),
        new: &'a Map,
    ) -> Option<Vec<(String, EntryChange<'a>)>> {
        self.recount(begin, (MAP, left), new.len());
        let mut changes = Vec::new();
        for (key, value) in new.iter() {
            loop {
                let begin = self.at;
                let order = if left == 0 {
                    std::cmp::Ordering::Greater
                } else if self.is_key(key) {
                    std::cmp::Ordering::Equal
                } else {
                    key_order(self.text()?, key)
                };
                match order {
                    std::cmp::Ordering::Less => {
                        self.at = begin;
                        changes.push((self.remove()?, EntryChange::Removed));
                        left = left.saturating_sub(1);
                        continue;
                    }
                    std::cmp::Ordering::Equal => {
                        left = left.saturating_sub(1);
                        if let Some(change) = self.value(value)? {
                            changes.push((key.to_owned(), EntryChange::Changed(change)));
                        }
                    }
                    std::cmp::Ordering::Greater => {
                        self.at = begin;
                        let mut bytes = Vec::new();
                        write_text(&mut bytes, key);
                        write(&mut bytes, value);
                        self.patches.push((begin..begin, bytes));
                        changes.push((key.to_owned(), EntryChange::Added(value)));
                    }
                }
                break;
            }
        }
        for _ in 0..left {
            changes.push((self.remove()?, EntryChange::Removed));
        }
        Some(changes)
    }

    /// Step over the key at hand if it is this one, which it nearly always is.
    fn is_key(&mut self, key: &str) -> bool {
        let mut same = Same {
            rest: self.rest(),
            equal: true,
        };
        write_text(&mut same, key);
        if same.equal {
            self.at = self.old.len().saturating_sub(same.rest.len());
        }
        same.equal
    }

    /// Step over an entry of the earlier map that is not in the new one.
    fn remove(&mut self) -> Option<String> {
        let begin = self.at;
        let key = self.text()?.to_owned();
        self.skip()?;
        self.patches.push((begin..self.at, Vec::new()));
        Some(key)
    }

    fn list<'a>(
        &mut self,
        (begin, old): (usize, usize),
        new: &'a [Value],
    ) -> Option<Vec<(usize, Change<'a>)>> {
        self.recount(begin, (LIST, old), new.len());
        let mut changes = Vec::new();
        for (index, item) in new.iter().enumerate().take(old) {
            if let Some(change) = self.value(item)? {
                changes.push((index, change));
            }
        }
        let mut bytes = Vec::new();
        for item in new.iter().skip(old) {
            write(&mut bytes, item);
        }
        if !bytes.is_empty() {
            self.patches.push((self.at..self.at, bytes));
        }
        Some(changes)
    }

    /// Replace the head that was read if the number of items is another.
    fn recount(&mut self, begin: usize, (major, old): (u8, usize), new: usize) {
        if old != new {
            let mut head = Vec::new();
            write_count(&mut head, major, new);
            self.patches.push((begin..self.at, head));
        }
    }

    fn head(&mut self) -> Option<(u8, usize)> {
        let (first, rest) = self.rest().split_first()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let width = match info {
            0..=23 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            _ => 8,
        };
        let bytes = rest.get(..width)?;
        let argument = match width {
            0 => usize::from(info),
            _ => bytes
                .iter()
                .fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte)),
        };
        self.at = self.at.saturating_add(width).saturating_add(1);
        Some((major, argument))
    }

    fn text(&mut self) -> Option<&'e str> {
        let (_, length) = self.head()?;
        let bytes = self.rest().get(..length)?;
        self.at = self.at.saturating_add(length);
        std::str::from_utf8(bytes).ok()
    }

    /// Step over one item.
    fn skip(&mut self) -> Option<()> {
        let mut left = 1_usize;
        while left > 0 {
            left = left.saturating_sub(1);
            let (major, argument) = self.head()?;
            match major {
                2 | 3 => self.at = self.at.saturating_add(argument),
                LIST => left = left.saturating_add(argument),
                MAP => left = left.saturating_add(argument.saturating_mul(2)),
                6 => left = left.saturating_add(1),
                _ => {}
            }
        }
        Some(())
    }
}

/// The encoding that the patches make of `old`.
pub(super) fn patch(mut old: Vec<u8>, patches: &[(Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let same = |(place, bytes): &(Range<usize>, Vec<u8>)| place.len() == bytes.len();
    if patches.iter().all(same) {
        for (place, bytes) in patches {
            if let Some(slice) = old.get_mut(place.clone()) {
                slice.copy_from_slice(bytes);
            }
        }
        return old;
    }
    let added: usize = patches.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut new = Vec::with_capacity(old.len().saturating_add(added));
    let mut copied = 0;
    for (place, bytes) in patches {
        new.put(old.get(copied..place.start).unwrap_or(&[]));
        new.put(bytes);
        copied = place.end;
    }
    new.put(old.get(copied..).unwrap_or(&[]));
    new
}
