//! Tables that are filled from outside. An event's tables are gone when it ends, and the next event's
//! are nearly always as many, with the same keys: so they are kept, and filled again where they are.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::fields::Fields;
use super::{Cell, Data, Kind, Lock, Parents, Table};
use crate::echolua::machine::meter::Heap;
use crate::echolua::machine::text::Text;
use crate::echolua::machine::val::Val;

/// Deepest nesting of tables that are kept.
const MAX_KEPT_LEVELS: usize = 4;

/// Most items for which an emptied list keeps the room.
const MAX_KEPT_ITEMS: usize = 64;

/// What is taken out of a table to be filled; what stands in it already may be written over.
pub(crate) enum Room {
    Items(Vec<Val>),
    /// Keys and values, of which those from `at` on are left over
    Fields {
        entries: Vec<(Text, Val)>,
        at: usize,
        /// Whether they stand in the order of their keys
        in_order: bool,
    },
    /// More fields than are kept in a list
    Tree(Fields),
}

impl Table {
    /// An empty table that nothing knows of yet.
    pub(crate) fn blank(kind: Kind, heap: &Rc<Heap>) -> Self {
        Self(Rc::new(Cell {
            data: RefCell::new(Data::new(kind)),
            mark: std::cell::Cell::new(0),
            heap: Rc::clone(heap),
        }))
    }

    /// Take the room for so many items of a list out of a table.
    pub(crate) fn room_for_items(&self, count: usize) -> Room {
        let mut data = self.borrow_mut();
        data.begin_filling(Kind::List);
        data.fields = Fields::new();
        let mut items = std::mem::take(&mut data.list);
        items.reserve(count.min(MAX_KEPT_ITEMS));
        Room::Items(items)
    }

    /// Take the room for so many fields out of a table.
    pub(crate) fn room_for_fields(&self, count: usize) -> Room {
        let mut data = self.borrow_mut();
        data.begin_filling(Kind::Map);
        if data.list.capacity() > 0 {
            data.list = Vec::new();
        }
        match std::mem::replace(&mut data.fields, Fields::new()) {
            Fields::Few(mut entries) if count <= Fields::FEW => {
                entries.reserve(count.saturating_sub(entries.len()));
                Room::Fields {
                    entries,
                    at: 0,
                    in_order: data.in_order,
                }
            }
            _ if count <= Fields::FEW => Room::Fields {
                entries: Vec::with_capacity(count),
                at: 0,
                in_order: false,
            },
            _ => Room::Tree(Fields::Many(Default::default())),
        }
    }

    /// Note that `child` will be in this table, which is being filled.
    #[inline]
    pub(crate) fn hold(&self, child: &Self) {
        let parent = Rc::downgrade(&self.0);
        child.borrow_mut().parents.add(parent);
    }

    /// Put back what was filled: the entries take `bytes`.
    pub(crate) fn fill(&self, room: Room, bytes: u64) {
        let mut data = self.borrow_mut();
        match room {
            Room::Items(items) => data.list = items,
            Room::Fields {
                mut entries, at, ..
            } => {
                entries.truncate(at);
                data.fields = Fields::Few(entries);
            }
            Room::Tree(fields) => data.fields = fields,
        }
        data.filled(bytes);
        self.0.heap.recount(&mut data);
    }

    /// End the life of a table: it and the tables in it that nothing else refers to are counted no
    /// more, and returned to be filled again. Nothing is returned where something refers to it.
    pub(crate) fn retire(self) -> Option<Self> {
        (Rc::strong_count(&self.0) == 1).then(|| {
            self.rest(MAX_KEPT_LEVELS);
            self
        })
    }

    /// The table of a note about it, where it has not gone since.
    pub(super) fn noted(note: &Weak<Cell>) -> Option<Self> {
        let table = note.upgrade().map(Self)?;
        let is_gone = matches!(table.borrow().lock, Lock::Retired);
        (!is_gone).then_some(table)
    }

    fn rest(&self, levels: usize) {
        let mut data = self.borrow_mut();
        data.lock = Lock::Retired;
        self.0.heap.shrink(&mut data);
        let parent = Rc::as_ptr(&self.0);
        let release = |child: &Self| child.borrow_mut().parents.remove(parent);
        let Data {
            list,
            fields,
            sparse,
            ..
        } = &mut *data;
        if !list.is_empty() || !sparse.is_empty() {
            for value in list.iter().chain(sparse.values()) {
                if let Val::Table(child) = value {
                    release(child);
                }
            }
            list.clear();
            list.shrink_to(MAX_KEPT_ITEMS);
            sparse.clear();
        }
        let Fields::Few(entries) = fields else {
            fields.iter().for_each(|(_, value)| {
                if let Val::Table(child) = value {
                    release(child);
                }
            });
            *fields = Fields::new();
            return;
        };
        for (_, value) in entries {
            if let Val::Table(child) = value {
                if Rc::strong_count(&child.0) == 1 && levels > 0 {
                    child.rest(levels - 1);
                } else {
                    release(child);
                    *value = Val::Nil;
                }
            }
        }
    }
}

impl Room {
    /// The next field is called `key`: whether it is the one that stands there already.
    #[inline]
    pub(crate) fn meets(&mut self, key: &[u8]) -> bool {
        let Self::Fields { entries, at, .. } = self else {
            return false;
        };
        match entries.get(*at) {
            Some((there, _)) if there.as_bytes() == key => true,
            Some(_) => {
                entries.truncate(*at);
                false
            }
            None => false,
        }
    }

    /// Whether a key that was met is behind the one before it: all before it were met too, and stand in order.
    #[inline]
    pub(crate) const fn is_in_order(&self) -> bool {
        matches!(self, Self::Fields { in_order: true, .. })
    }

    /// The table that the next field is already, to be filled again.
    #[inline]
    pub(crate) fn offer(&mut self) -> Option<Table> {
        match self.place() {
            Some(value @ Val::Table(_)) => match std::mem::take(value) {
                Val::Table(table) => Some(table),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the next field is already, to be written over.
    #[inline]
    pub(crate) fn place(&mut self) -> Option<&mut Val> {
        match self {
            Self::Fields { entries, at, .. } => entries.get_mut(*at).map(|(_, value)| value),
            Self::Items(_) | Self::Tree(_) => None,
        }
    }

    /// The next field was written over.
    #[inline]
    pub(crate) fn next(&mut self) {
        if let Self::Fields { at, .. } = self {
            *at += 1;
        }
    }

    /// The next field; it has its key already where none is given.
    #[inline]
    pub(crate) fn field(&mut self, key: Option<&str>, value: Val) {
        match self {
            Self::Fields { entries, at, .. } => {
                match (entries.get_mut(*at), key) {
                    (Some((_, place)), None) => place.put(value),
                    (_, key) => entries.push((key.unwrap_or_default().into(), value)),
                }
                *at += 1;
            }
            Self::Tree(fields) => fields.add(key.unwrap_or_default().into(), value),
            Self::Items(_) => {}
        }
    }

    /// The next item.
    #[inline]
    pub(crate) fn item(&mut self, value: Val) {
        if let Self::Items(items) = self {
            items.push(value);
        }
    }
}

impl Data {
    /// Be as new, but for what is in it.
    fn begin_filling(&mut self, kind: Kind) {
        self.kind = kind;
        self.lock = Lock::Free;
        self.parents = Parents::None;
    }
}
