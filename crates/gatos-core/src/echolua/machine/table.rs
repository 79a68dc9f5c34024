//! Tables: integer and text keys, in structures whose order depends on nothing but the keys.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::meter::{ENTRY_BYTES, Meter, TABLE_BYTES};
use super::text::Text;
use super::val::Val;
use crate::echolua::error::Fault;

/// A table, shared by everything that refers to it.
#[derive(Clone)]
pub(crate) struct Table(Rc<Cell>);

struct Cell {
    data: RefCell<Data>,
}

/// Whether an empty table is an empty list or an empty map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    List,
    Map,
}

/// The content of a table.
#[derive(Debug)]
pub(crate) struct Data {
    /// Values of the keys 1 to n
    pub(crate) list: Vec<Val>,
    /// Values of text keys
    pub(crate) fields: Fields,
    /// Values of all other integer keys
    pub(crate) sparse: BTreeMap<i64, Val>,
    /// What it is when it is empty: the kind that it had last
    pub(crate) kind: Kind,
    /// Whether it belongs to a constant
    pub(crate) frozen: bool,
}

/// Entries with text keys.
#[derive(Debug)]
pub(crate) enum Fields {
    /// Few, in no order
    Few(Vec<(Text, Val)>),
    /// Many
    Many(BTreeMap<Text, Val>),
}

/// Most entries that are searched one after the other.
const FEW: usize = 12;

impl Fields {
    #[inline]
    pub(crate) fn get(&self, key: &Text) -> Option<&Val> {
        match self {
            Self::Few(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            Self::Many(entries) => entries.get(key),
        }
    }

    #[inline]
    fn get_mut(&mut self, key: &Text) -> Option<&mut Val> {
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
            Self::Few(entries) if entries.len() < FEW => entries.push((key, value)),
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

    fn remove(&mut self, key: &Text) -> Option<Val> {
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
        match self {
            Self::Few(entries) => {
                let mut keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
                keys.sort_unstable();
                keys
            }
            Self::Many(entries) => entries.keys().cloned().collect(),
        }
    }

    /// Fuel for finding one key.
    #[inline]
    fn fuel(&self) -> u64 {
        match self {
            Self::Few(_) => 0,
            Self::Many(entries) => u64::from(entries.len().ilog2()),
        }
    }
}

impl Data {
    const fn new(kind: Kind) -> Self {
        Self {
            list: Vec::new(),
            fields: Fields::Few(Vec::new()),
            sparse: BTreeMap::new(),
            kind,
            frozen: false,
        }
    }

    /// The value at an integer key.
    pub(crate) fn at(&self, key: i64) -> Val {
        let index = usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX);
        match self.list.get(index) {
            Some(value) => value.clone(),
            None if self.sparse.is_empty() => Val::Nil,
            None => self.sparse.get(&key).cloned().unwrap_or(Val::Nil),
        }
    }

    /// The number of items, where the table is a list.
    pub(crate) fn length(&self) -> Result<usize, Fault> {
        if !self.sparse.is_empty() {
            return Err(Fault::Length {
                kind: "table whose integer keys are not 1, 2, 3, …",
            });
        }
        if self.fields.len() > 0 {
            return Err(Fault::Length {
                kind: "table with text keys",
            });
        }
        Ok(self.list.len())
    }

    /// Note which kind the table would have if it became empty now.
    pub(crate) fn settle_kind(&mut self) {
        let integers = !self.list.is_empty() || !self.sparse.is_empty();
        match (integers, self.fields.len() > 0) {
            (true, false) => self.kind = Kind::List,
            (false, true) => self.kind = Kind::Map,
            _ => {}
        }
    }

    fn set_integer(&mut self, key: i64, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let index = usize::try_from(key.wrapping_sub(1)).unwrap_or(usize::MAX);
        if index < self.list.len() {
            if !matches!(value, Val::Nil) {
                self.list[index] = value;
                return Ok(());
            }
            // What was behind the gap keeps its keys.
            meter.burn((self.list.len() - index) as u64)?;
            let mut tail = self.list.split_off(index).into_iter().zip(key..);
            tail.next();
            self.sparse.extend(tail.map(|(value, key)| (key, value)));
        } else if matches!(value, Val::Nil) {
            self.sparse.remove(&key);
        } else {
            meter.burn(1)?;
            meter.allocate(ENTRY_BYTES)?;
            if index == self.list.len() {
                self.sparse.remove(&key);
                self.list.push(value);
                self.absorb(meter)?;
            } else {
                self.sparse.insert(key, value);
            }
        }
        self.settle_kind();
        Ok(())
    }

    /// Move what now follows the list without a gap into it.
    fn absorb(&mut self, meter: &mut Meter) -> Result<(), Fault> {
        while let Some((&key, _)) = self.sparse.range(1..).next() {
            if usize::try_from(key) != Ok(self.list.len() + 1) {
                break;
            }
            meter.burn(1)?;
            if let Some(value) = self.sparse.remove(&key) {
                self.list.push(value);
            }
        }
        Ok(())
    }

    fn set_text(&mut self, key: &Text, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        meter.burn(self.fields.fuel())?;
        if matches!(value, Val::Nil) {
            self.fields.remove(key);
            self.settle_kind();
            return Ok(());
        }
        if let Some(old) = self.fields.get_mut(key) {
            *old = value;
            return Ok(());
        }
        if key.as_bytes().first() == Some(&b'$') {
            return Err(Fault::ReservedKey {
                key: key.as_str().to_owned(),
            });
        }
        meter.burn(1)?;
        meter.allocate(ENTRY_BYTES + key.len() as u64)?;
        self.fields.add(key.clone(), value);
        self.settle_kind();
        Ok(())
    }
}

impl Table {
    /// An empty table; charge [`TABLE_BYTES`] for it.
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Rc::new(Cell {
            data: RefCell::new(Data::new(kind)),
        }))
    }

    /// An empty table, charged.
    pub(crate) fn charged(kind: Kind, meter: &mut Meter) -> Result<Self, Fault> {
        meter.burn(4)?;
        meter.allocate(TABLE_BYTES)?;
        Ok(Self::new(kind))
    }

    /// Whether both are the same table.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    #[inline]
    pub(crate) fn borrow(&self) -> Ref<'_, Data> {
        self.0.data.borrow()
    }

    #[inline]
    pub(crate) fn borrow_mut(&self) -> RefMut<'_, Data> {
        self.0.data.borrow_mut()
    }

    /// `t[key]`.
    #[inline]
    pub(crate) fn get(&self, key: &Val, meter: &mut Meter) -> Result<Val, Fault> {
        let data = self.borrow();
        match key {
            Val::Text(key) => {
                meter.burn(data.fields.fuel())?;
                Ok(data.fields.get(key).cloned().unwrap_or(Val::Nil))
            }
            Val::Int(key) => Ok(data.at(*key)),
            Val::Nil | Val::Table(_) | Val::Bool(_) | Val::Dec(_) | Val::Null => {
                Err(Fault::Key { kind: key.kind() })
            }
            _ => Err(Fault::Key { kind: key.kind() }),
        }
    }

    /// `t[key] = value`.
    pub(crate) fn set(&self, key: &Val, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let value = self.storable(value, meter)?;
        let mut data = self.borrow_mut();
        if data.frozen {
            return Err(Fault::Frozen);
        }
        match key {
            Val::Text(key) => data.set_text(key, value, meter),
            Val::Int(key) => data.set_integer(*key, value, meter),
            _ => Err(Fault::Key { kind: key.kind() }),
        }
    }

    /// Insert into the list before `index`, which is at most its length.
    pub(crate) fn insert(&self, index: usize, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let value = self.storable(value, meter)?;
        let mut data = self.borrow_mut();
        if data.frozen {
            return Err(Fault::Frozen);
        }
        meter.burn(1)?;
        meter.allocate(ENTRY_BYTES)?;
        data.list.insert(index, value);
        data.settle_kind();
        Ok(())
    }

    /// Take the item at `index`, which is below its length, out of the list.
    pub(crate) fn remove(&self, index: usize) -> Result<Val, Fault> {
        let mut data = self.borrow_mut();
        if data.frozen {
            return Err(Fault::Frozen);
        }
        Ok(data.list.remove(index))
    }

    /// Make the table and all tables in it constant.
    pub(crate) fn freeze(&self) {
        let mut data = self.borrow_mut();
        data.frozen = true;
        let children = data.list.iter().chain(data.sparse.values());
        for child in children {
            if let Val::Table(table) = child {
                table.freeze();
            }
        }
        match &data.fields {
            Fields::Few(entries) => freeze_all(entries.iter().map(|(_, value)| value)),
            Fields::Many(entries) => freeze_all(entries.values()),
        }
    }

    /// `t[#t + 1] = value` of a table that is a list.
    pub(crate) fn push(&self, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let length = self.borrow().list.len();
        self.set(&Val::Int(length as i64 + 1), value, meter)
    }

    /// What is stored when `value` is: constants are copied, functions and ancestors refused.
    fn storable(&self, value: Val, meter: &mut Meter) -> Result<Val, Fault> {
        match value {
            Val::Table(table) if table.borrow().frozen => {
                super::copy::copy(&table, meter).map(Val::Table)
            }
            Val::Table(table) => {
                if table.is(self) {
                    return Err(Fault::Cycle);
                }
                Ok(Val::Table(table))
            }
            Val::Function(_) | Val::Closure(_) | Val::Library(_) => Err(Fault::StoredFunction),
            other => Ok(other),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("table")
    }
}

fn freeze_all<'v>(values: impl Iterator<Item = &'v Val>) {
    for value in values {
        if let Val::Table(table) = value {
            table.freeze();
        }
    }
}
