//! A map with text keys in the order in which DAG-CBOR writes them.

use std::cmp::Ordering;

use super::Value;

/// DAG-CBOR order of map keys: shorter first, then bytewise.
#[must_use]
pub fn key_order(a: &str, b: &str) -> Ordering {
    key_byte_order(a.as_bytes(), b.as_bytes())
}

/// As [`key_order`], of bytes that are not known to be text.
pub(crate) fn key_byte_order(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Entries sorted by [`key_order`], each key once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Map {
    entries: Vec<(String, Value)>,
}

impl Map {
    /// A map without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// A map without entries, with room for `count`.
    #[must_use]
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self {
            entries: Vec::with_capacity(count),
        }
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let at = self.position(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// Set the value of `key`; the value that it had is returned.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) -> Option<Value> {
        let key = key.into();
        match self.position(&key) {
            Ok(at) => self
                .entries
                .get_mut(at)
                .map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Take the entry of `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.position(key).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// Append an entry whose key is after all others; `false`, and no change, if it is not.
    pub fn push_last(&mut self, key: String, value: Value) -> bool {
        let after = self.is_after_last(&key);
        if after {
            self.entries.push((key, value));
        }
        after
    }

    /// Whether `key` is after all keys that are there.
    #[must_use]
    pub fn is_after_last(&self, key: &str) -> bool {
        self.entries
            .last()
            .is_none_or(|(last, _)| key_order(last, key).is_lt())
    }

    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_str(), value))
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|(probe, _)| key_order(probe, key))
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        // Stable, so that of equal keys the last given stays last and is the one kept.
        entries.sort_by(|(a, _), (b, _)| key_order(a, b));
        let mut map = Self {
            entries: Vec::with_capacity(entries.len()),
        };
        for (key, value) in entries {
            match map.entries.last_mut() {
                Some((last, old)) if *last == key => *old = value,
                _ => map.entries.push((key, value)),
            }
        }
        map
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
