//! Tables: integer and text keys, in structures whose order depends on nothing but the keys.

mod copy;
mod data;
mod family;
mod fields;
mod reuse;
mod settle;

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;

use super::meter::{ENTRY_BYTES, Heap, Meter, TABLE_BYTES, TABLE_FUEL, content_bytes};
use super::val::Val;
use crate::echolua::error::Fault;

pub(crate) use self::data::Data;
pub(crate) use self::family::{Log, Parents};
pub(crate) use self::reuse::Room;
pub(crate) use self::settle::settle;

/// A table, shared by everything that refers to it.
#[derive(Clone)]
pub(crate) struct Table(Rc<Cell>);

/// The place of a table.
#[derive(Debug)]
pub(crate) struct Cell {
    data: RefCell<Data>,
    /// The last search that came by
    mark: std::cell::Cell<u64>,
    heap: Rc<Heap>,
}

/// Whether an empty table is an empty list or an empty map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    List,
    Map,
}

/// Who may write to a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lock {
    Free,
    /// Nobody: it belongs to a constant
    Frozen,
    /// Nobody while it is sorted
    Sorting,
    /// Nobody: it is gone, but for the room that it has
    Retired,
}

impl Table {
    /// An empty table, charged.
    pub(crate) fn charged(kind: Kind, meter: &mut Meter) -> Result<Self, Fault> {
        meter.burn(TABLE_FUEL)?;
        meter.allocate(TABLE_BYTES)?;
        let table = Self::blank(kind, &meter.heap);
        meter.heap.recount(&mut table.borrow_mut());
        Ok(table)
    }

    /// Whether both are the same table.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    #[inline]
    pub(crate) fn borrow(&self) -> Ref<'_, Data> {
        self.0.data.borrow()
    }

    #[inline]
    fn borrow_mut(&self) -> RefMut<'_, Data> {
        self.0.data.borrow_mut()
    }

    /// `t[key]`.
    #[inline]
    pub(crate) fn get(&self, key: &Val, meter: &mut Meter) -> Result<Val, Fault> {
        let data = self.borrow();
        match key {
            Val::Text(key) => {
                meter.burn(data.fields.fuel(key))?;
                Ok(data.fields.get(key).cloned().unwrap_or(Val::Nil))
            }
            Val::Int(key) => Ok(data.at(*key)),
            _ => Err(Fault::Key { kind: key.kind() }),
        }
    }

    /// `t[key] = integer`, where there is an integer already and nothing is to be burnt or counted.
    #[inline(always)]
    pub(crate) fn renew(&self, key: &Val, integer: i64) -> bool {
        match key {
            Val::Text(key) => self.borrow_mut().renew(key, integer),
            _ => false,
        }
    }

    /// Whether `t[key] = child` would change nothing, cost nothing and be no circle: `child` stands
    /// there already, in a table that is in no other.
    #[inline]
    pub(crate) fn holds(&self, key: &Val, child: &Self) -> bool {
        let data = self.borrow();
        matches!(data.lock, Lock::Free)
            && data.parents.len() == 0
            && data.is_regular()
            && matches!(data.near(key), Some(Val::Table(there)) if there.is(child))
    }

    /// `t[key] = value`.
    #[inline]
    pub(crate) fn set(&self, key: &Val, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        match value {
            Val::Nil => self.clear(key, meter),
            Val::Table(child) => self.set_table(key, child, meter),
            Val::Function(_) | Val::Closure(_) | Val::Library(_) => Err(Fault::StoredFunction),
            value => {
                let new = content_bytes(&value);
                let mut data = self.writable()?;
                let old = data.put(key, value, meter)?;
                self.replaced(data, old, new, meter);
                Ok(())
            }
        }
    }

    fn clear(&self, key: &Val, meter: &mut Meter) -> Result<(), Fault> {
        let mut data = self.writable()?;
        let old = data.take(key, meter)?;
        self.replaced(data, old, 0, meter);
        Ok(())
    }

    fn set_table(&self, key: &Val, child: Self, meter: &mut Meter) -> Result<(), Fault> {
        let child = self.adoptable(child, meter)?;
        let mut data = self.writable()?;
        let old = data.put(key, Val::Table(child.clone()), meter)?;
        if matches!(&old, Val::Table(old) if old.is(&child)) {
            return Ok(());
        }
        self.replaced(data, old, 0, meter);
        self.adopt(key, &child, meter);
        Ok(())
    }

    /// The table to store where `child` is to be: a copy of it where it belongs to a constant.
    fn adoptable(&self, child: Self, meter: &mut Meter) -> Result<Self, Fault> {
        if child.borrow().is_frozen() {
            return copy::copy(&child, meter);
        }
        self.refuse_circle(&child, meter)?;
        Ok(child)
    }

    /// After a change: memory, parents, and whether the table can still be encoded.
    #[inline]
    fn replaced(&self, mut data: RefMut<'_, Data>, old: Val, new: u64, meter: &mut Meter) {
        data.account(&old, new);
        self.0.heap.recount(&mut data);
        if !data.is_regular() {
            meter.log.irregular(self);
        }
        drop(data);
        if let Val::Table(old) = &old {
            self.release(old);
        }
    }

    #[inline]
    fn writable(&self) -> Result<RefMut<'_, Data>, Fault> {
        let data = self.borrow_mut();
        match data.lock {
            Lock::Free => Ok(data),
            Lock::Frozen | Lock::Retired => Err(Fault::Frozen),
            Lock::Sorting => Err(Fault::Domain {
                function: "table.sort",
                problem: "the comparison function changes the list",
            }),
        }
    }

    /// `t[#t + 1] = value` of a table that is a list.
    pub(crate) fn push(&self, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let length = self.borrow().list.len();
        self.set(&position(length), value, meter)
    }

    /// Insert into the list before `index`, which is at most its length.
    pub(crate) fn insert(&self, index: usize, value: Val, meter: &mut Meter) -> Result<(), Fault> {
        let value = match value {
            Val::Table(child) => Val::Table(self.adoptable(child, meter)?),
            Val::Function(_) | Val::Closure(_) | Val::Library(_) => {
                return Err(Fault::StoredFunction);
            }
            other => other,
        };
        meter.burn(1)?;
        meter.allocate(ENTRY_BYTES)?;
        let mut data = self.writable()?;
        let new = content_bytes(&value);
        data.insert(index, value.clone());
        self.replaced(data, Val::Nil, new, meter);
        if let Val::Table(child) = &value {
            self.adopt(&position(index), child, meter);
        }
        Ok(())
    }

    /// Take the item at `index`, which is below its length, out of the list.
    pub(crate) fn remove(&self, index: usize, meter: &mut Meter) -> Result<Val, Fault> {
        let mut data = self.writable()?;
        let old = data.remove(index);
        self.replaced(data, old.clone(), 0, meter);
        Ok(old)
    }

    /// The items of a list, which cannot be written to until [`sorted`](Self::sorted).
    pub(crate) fn begin_sort(&self) -> Result<Vec<Val>, Fault> {
        let mut data = self.writable()?;
        data.length()?;
        data.lock = Lock::Sorting;
        Ok(data.list.clone())
    }

    /// The same items in another order.
    pub(crate) fn sorted(&self, items: Vec<Val>) {
        let mut data = self.borrow_mut();
        data.list = items;
        data.lock = Lock::Free;
    }

    /// Make the table and all tables in it constant.
    pub(crate) fn freeze(&self) {
        self.borrow_mut().lock = Lock::Frozen;
        self.borrow().each_table(Self::freeze);
    }

    /// A key at which `child` stands in this table: `hint` where it still does.
    fn place_of(&self, hint: &Val, child: &Self, meter: &mut Meter) -> Result<Option<Val>, Fault> {
        let is_child = |value: &Val| matches!(value, Val::Table(table) if table.is(child));
        if is_child(&self.get(hint, meter)?) {
            return Ok(Some(hint.clone()));
        }
        let data = self.borrow();
        meter.burn(data.len() as u64)?;
        let listed = data.list.iter().zip(1..).find(|(value, _)| is_child(value));
        if let Some((_, key)) = listed {
            return Ok(Some(Val::Int(key)));
        }
        if let Some((key, _)) = data.sparse().find(|(_, value)| is_child(value)) {
            return Ok(Some(Val::Int(key)));
        }
        let mut keys = data
            .fields
            .iter()
            .filter(|(_, value)| is_child(value))
            .map(|(key, _)| key);
        Ok(keys.next().cloned().map(Val::Text))
    }
}

/// The key of the item at `index`.
fn position(index: usize) -> Val {
    Val::Int(i64::try_from(index).map_or(i64::MAX, |index| index + 1))
}

impl Drop for Cell {
    /// Takes nested tables apart one after the other, however deep they are.
    fn drop(&mut self) {
        let this: *const Self = self;
        let data = self.data.get_mut();
        self.heap.shrink(data);
        let mut pending = Vec::new();
        data.each_table(|child| {
            child.borrow_mut().parents.remove(this);
            pending.push(child.clone());
        });
        if pending.is_empty() {
            return;
        }
        *data = Data::new(data.kind);
        while let Some(table) = pending.pop() {
            if Rc::strong_count(&table.0) > 1 {
                continue;
            }
            let mut data = table.borrow_mut();
            data.each_table(|child| {
                child.borrow_mut().parents.remove(Rc::as_ptr(&table.0));
                pending.push(child.clone());
            });
            table.0.heap.shrink(&mut data);
            *data = Data::new(data.kind);
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("table")
    }
}
