//! What a table contains, and how one entry changes.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::{Kind, Lock, Parents, Table};
use crate::echolua::error::Fault;
use crate::echolua::machine::meter::{ENTRY_BYTES, Meter, TABLE_BYTES, content_bytes};
use crate::echolua::machine::text::Text;
use crate::echolua::machine::val::Val;

/// The content of a table.
#[derive(Debug)]
pub(crate) struct Data {
    /// Values of the keys 1 to n
    pub(crate) list: Vec<Val>,
    /// Values of text keys
    pub(crate) fields: Fields,
    /// Values of all other integer keys, where there are any
    pub(super) sparse: BTreeMap<i64, Val>,
    /// What it is when it is empty: the kind that it had last
    pub(crate) kind: Kind,
    pub(super) lock: Lock,
    pub(super) parents: Parents,
    /// Memory by our own formula
    bytes: u64,
    /// As much of it as the heap knows of
    counted: u64,
    /// Whether its few fields stand in the order of their keys, as they were read
    pub(super) in_order: bool,
}

impl Data {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            list: Vec::new(),
            fields: Fields::new(),
            sparse: BTreeMap::new(),
            kind,
            lock: Lock::Free,
            parents: Parents::None,
            bytes: TABLE_BYTES,
            counted: 0,
            in_order: false,
        }
    }

    /// Note that entries which take `bytes`, the table's own included, were put in from outside.
    pub(super) const fn filled(&mut self, bytes: u64) {
        self.bytes = bytes;
        self.in_order = true;
    }

    /// By how much the memory has grown and shrunk since the last time.
    #[inline]
    pub(in crate::echolua::machine) fn recounted(&mut self) -> (u64, u64) {
        let before = std::mem::replace(&mut self.counted, self.bytes);
        (self.bytes, before)
    }

    /// The memory that the heap knows of, which is given back.
    pub(in crate::echolua::machine) fn uncounted(&mut self) -> u64 {
        std::mem::take(&mut self.counted)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.fields.len() == 0 && self.sparse.is_empty()
    }

    pub(crate) const fn is_frozen(&self) -> bool {
        matches!(self.lock, Lock::Frozen)
    }

    /// Whether it can be encoded: integer keys without gaps, or text keys, not both.
    pub(crate) fn is_regular(&self) -> bool {
        self.sparse.is_empty() && (self.list.is_empty() || self.fields.len() == 0)
    }

    /// Whether there are integer keys with gaps before them.
    pub(crate) fn is_sparse(&self) -> bool {
        !self.sparse.is_empty()
    }

    /// Entries with integer keys other than 1 to n, ascending.
    pub(crate) fn sparse(&self) -> impl Iterator<Item = (i64, &Val)> {
        self.sparse.iter().map(|(key, value)| (*key, value))
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        self.list.len() + self.fields.len() + self.sparse.len()
    }

    /// Call `visit` for every table in it.
    pub(crate) fn each_table(&self, mut visit: impl FnMut(&Table)) {
        let values = self
            .list
            .iter()
            .chain(self.sparse().map(|(_, value)| value));
        for value in values.chain(self.fields.iter().map(|(_, value)| value)) {
            if let Val::Table(table) = value {
                visit(table);
            }
        }
    }

    /// The value at an integer key.
    #[inline]
    pub(crate) fn at(&self, key: i64) -> Val {
        let index = usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX);
        match self.list.get(index) {
            Some(value) => value.clone(),
            None => self.sparse.get(&key).cloned().unwrap_or(Val::Nil),
        }
    }

    /// The value at a key, where finding it costs nothing and it is there.
    #[inline(always)]
    pub(crate) fn near(&self, key: &Val) -> Option<&Val> {
        match key {
            Val::Text(key) => self.fields.near(key),
            Val::Int(key) => self
                .list
                .get(usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX)),
            _ => None,
        }
    }

    /// Write over an integer with another, where finding it costs nothing and nothing else changes.
    #[inline(always)]
    pub(super) fn renew(&mut self, key: &Text, integer: i64) -> bool {
        if !matches!(self.lock, Lock::Free) || !self.list.is_empty() || self.is_sparse() {
            return false;
        }
        match self.fields.near_mut(key) {
            Some(Val::Int(place)) => {
                *place = integer;
                true
            }
            _ => false,
        }
    }

    /// The number of items, where the table is a list.
    pub(crate) fn length(&self) -> Result<usize, Fault> {
        let kind = match (self.is_sparse(), self.fields.len()) {
            (false, 0) => return Ok(self.list.len()),
            (true, _) => "table whose integer keys are not 1, 2, 3, …",
            (false, _) => "table with string keys",
        };
        Err(Fault::Length { kind })
    }

    /// Note which kind the table would have if it became empty now.
    fn settle_kind(&mut self) {
        let integers = !self.list.is_empty() || self.is_sparse();
        match (integers, self.fields.len() > 0) {
            (true, false) => self.kind = Kind::List,
            (false, true) => self.kind = Kind::Map,
            _ => {}
        }
    }

    /// Put `value`, which is not nil, at `key`; what stood there is returned.
    #[inline]
    pub(super) fn put(&mut self, key: &Val, value: Val, meter: &mut Meter) -> Result<Val, Fault> {
        match key {
            Val::Text(key) => {
                meter.burn(self.fields.fuel(key))?;
                if let Some(old) = self.fields.get_mut(key) {
                    return Ok(std::mem::replace(old, value));
                }
                self.add_field(key, value, meter)
            }
            Val::Int(key) => {
                let index = usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX);
                match self.list.get_mut(index) {
                    Some(old) => Ok(std::mem::replace(old, value)),
                    None => self.add_integer(*key, index, value, meter),
                }
            }
            _ => Err(Fault::Key { kind: key.kind() }),
        }
    }

    fn add_field(&mut self, key: &Text, value: Val, meter: &mut Meter) -> Result<Val, Fault> {
        if key.as_bytes().first() == Some(&b'$') {
            return Err(Fault::ReservedKey {
                key: key.as_str().chars().take(40).collect(),
            });
        }
        meter.burn(1)?;
        let bytes = ENTRY_BYTES + key.len() as u64;
        meter.allocate(bytes)?;
        self.bytes += bytes;
        self.fields.add(key.clone(), value);
        self.in_order = false;
        self.settle_kind();
        Ok(Val::Nil)
    }

    fn add_integer(
        &mut self,
        key: i64,
        index: usize,
        value: Val,
        meter: &mut Meter,
    ) -> Result<Val, Fault> {
        if index != self.list.len()
            && let Some(old) = self.sparse.get_mut(&key)
        {
            return Ok(std::mem::replace(old, value));
        }
        meter.burn(1)?;
        meter.allocate(ENTRY_BYTES)?;
        self.bytes += ENTRY_BYTES;
        if index == self.list.len() {
            self.list.push(value);
            self.absorb(meter)?;
        } else {
            self.sparse.insert(key, value);
        }
        self.settle_kind();
        Ok(Val::Nil)
    }

    /// Move what now follows the list without a gap into it.
    fn absorb(&mut self, meter: &mut Meter) -> Result<(), Fault> {
        while !self.sparse.is_empty() {
            let next = i64::try_from(self.list.len()).map_or(i64::MAX, |length| length + 1);
            let Some(value) = self.sparse.remove(&next) else {
                break;
            };
            meter.burn(1)?;
            self.list.push(value);
        }
        Ok(())
    }

    /// Take the entry at `key` out.
    pub(super) fn take(&mut self, key: &Val, meter: &mut Meter) -> Result<Val, Fault> {
        let taken = match key {
            Val::Text(key) => {
                meter.burn(self.fields.fuel(key))?;
                let taken = self.fields.remove(key);
                self.in_order = false;
                if taken.is_some() {
                    self.bytes -= key.len() as u64;
                }
                taken
            }
            Val::Int(key) => self.take_integer(*key, meter)?,
            _ => return Err(Fault::Key { kind: key.kind() }),
        };
        match taken {
            Some(value) => {
                self.bytes -= ENTRY_BYTES;
                self.settle_kind();
                Ok(value)
            }
            None => Ok(Val::Nil),
        }
    }

    fn take_integer(&mut self, key: i64, meter: &mut Meter) -> Result<Option<Val>, Fault> {
        let index = usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX);
        if index >= self.list.len() {
            return Ok(self.sparse.remove(&key));
        }
        // What is behind the gap keeps its keys.
        meter.burn((self.list.len() - index) as u64)?;
        let mut tail = self.list.split_off(index).into_iter().zip(key..);
        let taken = tail.next().map(|(value, _)| value);
        self.sparse.extend(tail.map(|(value, key)| (key, value)));
        Ok(taken)
    }

    /// Insert before `index`, which is at most the list's length.
    pub(super) fn insert(&mut self, index: usize, value: Val) {
        self.bytes += ENTRY_BYTES;
        self.list.insert(index, value);
        self.settle_kind();
    }

    /// Take the item at `index`, which is below the list's length, out of the list.
    pub(super) fn remove(&mut self, index: usize) -> Val {
        self.bytes -= ENTRY_BYTES;
        self.list.remove(index)
    }

    /// Account for `old` having been replaced by `new`.
    #[inline]
    pub(super) fn account(&mut self, old: &Val, new: u64) {
        self.bytes = (self.bytes + new) - content_bytes(old);
    }
}
