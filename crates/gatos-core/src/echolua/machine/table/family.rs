//! Who contains whom: every table knows the tables that it is in, so that no table ever contains
//! itself and none is in two places when an event ends.

use std::rc::{Rc, Weak};

use super::{Cell, Table};
use crate::echolua::error::Fault;
use crate::echolua::machine::meter::Meter;
use crate::echolua::machine::val::Val;

/// The tables that a table is in, once for each place.
#[derive(Debug, Default)]
pub(crate) enum Parents {
    #[default]
    None,
    One(Weak<Cell>),
    Many(Vec<Weak<Cell>>),
}

impl Parents {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(all) => all.len(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Table> {
        let (one, many) = match self {
            Self::None => (None, &[][..]),
            Self::One(one) => (Some(one), &[][..]),
            Self::Many(many) => (None, many.as_slice()),
        };
        one.into_iter()
            .chain(many)
            .filter_map(Weak::upgrade)
            .map(Table)
    }

    pub(super) fn add(&mut self, parent: Weak<Cell>) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(parent),
            Self::One(first) => Self::Many(vec![first, parent]),
            Self::Many(mut all) => {
                all.push(parent);
                Self::Many(all)
            }
        };
    }

    /// Forget one place in `parent`.
    pub(super) fn remove(&mut self, parent: *const Cell) {
        match self {
            Self::None => {}
            Self::One(one) => {
                if std::ptr::eq(one.as_ptr(), parent) {
                    *self = Self::None;
                }
            }
            Self::Many(all) => {
                if let Some(at) = all.iter().position(|p| std::ptr::eq(p.as_ptr(), parent)) {
                    all.swap_remove(at);
                }
                if all.len() == 1 {
                    *self = all.pop().map_or(Self::None, Self::One);
                }
            }
        }
    }
}

/// What happened to tables during an event, for [`settle`](super::settle).
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Tables that were put into another
    pub(super) attached: Vec<Weak<Cell>>,
    /// Places of tables that already were in another: the table, the key and what was put there
    pub(super) shared: Vec<(Weak<Cell>, Val, Weak<Cell>)>,
    /// Tables with both kinds of keys, or with gaps
    pub(super) irregular: Vec<Weak<Cell>>,
}

impl Log {
    /// Note a table that could not be encoded as it is now.
    pub(super) fn irregular(&mut self, table: &Table) {
        let last = self.irregular.last();
        if !last.is_some_and(|last| std::ptr::eq(last.as_ptr(), Rc::as_ptr(&table.0))) {
            self.irregular.push(Rc::downgrade(&table.0));
        }
    }
}

impl Table {
    /// Note that `child` stands at `key` of this table.
    pub(super) fn adopt(&self, key: &Val, child: &Self, meter: &mut Meter) {
        let parent = Rc::downgrade(&self.0);
        let mut data = child.borrow_mut();
        if data.parents.len() > 0 {
            let entry = (parent.clone(), key.clone(), Rc::downgrade(&child.0));
            meter.log.shared.push(entry);
        }
        data.parents.add(parent);
        meter.log.attached.push(Rc::downgrade(&child.0));
    }

    /// Note that `child` stands at one place less of this table.
    pub(super) fn release(&self, child: &Self) {
        child.borrow_mut().parents.remove(Rc::as_ptr(&self.0));
    }

    /// Refuse to put `child` into this table if that would make a circle.
    pub(super) fn refuse_circle(&self, child: &Self, meter: &mut Meter) -> Result<(), Fault> {
        if self.is(child) {
            return Err(Fault::Cycle);
        }
        if self.borrow().parents.len() == 0 || child.borrow().is_empty() {
            return Ok(());
        }
        let mark = meter.next_mark();
        let mut pending = vec![self.clone()];
        while let Some(table) = pending.pop() {
            if table.0.mark.replace(mark) == mark {
                continue;
            }
            meter.burn(1)?;
            for parent in table.borrow().parents.iter() {
                if parent.is(child) {
                    return Err(Fault::Cycle);
                }
                pending.push(parent);
            }
        }
        Ok(())
    }
}
