//! Entries with text keys: few in a list, many in a tree; no order but that of the keys shows.

use std::collections::BTreeMap;

use crate::echolua::machine::meter::bytes_fuel;
use crate::echolua::machine::text::Text;
use crate::echolua::machine::val::Val;

/// Entries with text keys.
#[derive(Debug)]
pub(crate) enum Fields {
    /// Few, in no order
    Few(Vec<(Text, Val)>),
    /// Many
    Many(BTreeMap<Text, Val>),
}

impl Fields {
    /// Most entries that are searched one after the other.
    pub(crate) const FEW: usize = 12;

    pub(crate) const fn new() -> Self {
        Self::Few(Vec::new())
    }

    /// The value of a short key among few, which costs no fuel to find.
    #[inline(always)]
    pub(crate) fn near(&self, key: &Text) -> Option<&Val> {
        match self {
            Self::Few(entries) if key.len() < LONG => {
                entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// As [`near`](Self::near).
    #[inline(always)]
    pub(crate) fn near_mut(&mut self, key: &Text) -> Option<&mut Val> {
        match self {
            Self::Few(entries) if key.len() < LONG => {
                entries.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn get(&self, key: &Text) -> Option<&Val> {
        match self {
            Self::Few(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            Self::Many(entries) => entries.get(key),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: &Text) -> Option<&mut Val> {
        match self {
            Self::Few(entries) => entries.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v),
            Self::Many(entries) => entries.get_mut(key),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(entries) => entries.len(),
        }
    }

    /// Add an entry whose key is not there.
    pub(crate) fn add(&mut self, key: Text, value: Val) {
        match self {
            Self::Few(entries) if entries.len() < Self::FEW => entries.push((key, value)),
            Self::Few(entries) => {
                let mut many: BTreeMap<_, _> = std::mem::take(entries).into_iter().collect();
                many.insert(key, value);
                *self = Self::Many(many);
            }
            Self::Many(entries) => {
                entries.insert(key, value);
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &Text) -> Option<Val> {
        match self {
            Self::Few(entries) => {
                let at = entries.iter().position(|(k, _)| k == key)?;
                Some(entries.swap_remove(at).1)
            }
            Self::Many(entries) => entries.remove(key),
        }
    }

    /// The keys in bytewise order.
    pub(crate) fn keys(&self) -> Vec<Text> {
        let mut keys: Vec<Text> = self.iter().map(|(key, _)| key.clone()).collect();
        if let Self::Few(_) = self {
            keys.sort_unstable();
        }
        keys
    }

    /// Entries in no order that may show.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Text, &Val)> {
        let (few, many) = match self {
            Self::Few(entries) => (entries.as_slice(), None),
            Self::Many(entries) => (&[][..], Some(entries)),
        };
        let few = few.iter().map(|(key, value)| (key, value));
        few.chain(many.into_iter().flatten())
    }

    /// Fuel for finding `key`, a function of its length and of their number alone.
    #[inline]
    pub(crate) fn fuel(&self, key: &Text) -> u64 {
        let (count, length) = (self.len(), key.len());
        if count < MANY && length < LONG {
            return 0;
        }
        let steps = u64::from(count.checked_ilog2().unwrap_or(0));
        steps.saturating_sub(3) + bytes_fuel(length) * (1 + steps)
    }
}

/// Fewest entries of which more make a search longer.
const MANY: usize = 16;
const _: () = assert!(Fields::FEW < MANY);
/// Shortest key whose bytes are burnt for.
const LONG: usize = 16;
