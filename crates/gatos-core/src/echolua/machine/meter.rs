//! Fuel and memory of one event: exact, because nothing is done that was not charged before.
//! `docs/spec/echolua.md#fuel`.

use std::cell::Cell;
use std::rc::Rc;

use super::table::{Data, Log, Table};
use super::val::Val;
use crate::echolua::error::Fault;

/// What one event may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Fuel that one event may burn
    pub fuel_per_event: u64,
    /// Bytes that the state and everything made during one event may take together
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel_per_event: 10_000_000,
            memory_bytes: 256 << 20,
        }
    }
}

/// Memory of all tables that are alive, by our own formula.
#[derive(Debug, Default)]
pub(crate) struct Heap {
    live: Cell<u64>,
}

impl Heap {
    /// Note that a table has changed.
    #[inline]
    pub(crate) fn recount(&self, data: &mut Data) {
        let (now, before) = data.recounted();
        self.live.set(self.live.get() + now - before);
    }

    /// Note that a table is gone.
    pub(crate) fn shrink(&self, data: &mut Data) {
        self.live.set(self.live.get() - data.uncounted());
    }
}

/// What is left of the limits, and what the event did to its tables.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    fuel: u64,
    memory: u64,
    mark: u64,
    pub(crate) heap: Rc<Heap>,
    pub(crate) log: Log,
    /// The last event's tables, to be filled again
    pub(crate) spare: Option<Table>,
}

impl Meter {
    /// A full one.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            fuel: limits.fuel_per_event,
            memory: limits.memory_bytes,
            mark: 0,
            heap: Rc::default(),
            log: Log::default(),
            spare: None,
        }
    }

    /// Begin an event: full fuel, and memory less what is alive.
    pub(crate) fn begin(&mut self) -> Result<(), Fault> {
        self.fuel = self.limits.fuel_per_event;
        self.memory = self.limits.memory_bytes;
        self.log = Log::default();
        self.allocate(self.heap.live.get())
    }

    /// End an event, after which only the state is alive.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.memory = self.limits.memory_bytes;
        self.allocate(self.heap.live.get())
    }

    /// A number that no search had before.
    pub(crate) const fn next_mark(&mut self) -> u64 {
        self.mark += 1;
        self.mark
    }

    /// Fuel burnt since the event began.
    pub(crate) const fn burnt(&self) -> u64 {
        self.limits.fuel_per_event - self.fuel
    }

    /// Burn fuel.
    #[inline]
    pub(crate) fn burn(&mut self, fuel: u64) -> Result<(), Fault> {
        match self.fuel.checked_sub(fuel) {
            Some(rest) => {
                self.fuel = rest;
                Ok(())
            }
            None => Err(Fault::Fuel {
                limit: self.limits.fuel_per_event,
            }),
        }
    }

    /// Count bytes that are made.
    #[inline]
    pub(crate) fn allocate(&mut self, bytes: u64) -> Result<(), Fault> {
        match self.memory.checked_sub(bytes) {
            Some(rest) => {
                self.memory = rest;
                Ok(())
            }
            None => Err(Fault::Memory {
                limit: self.limits.memory_bytes,
            }),
        }
    }

    /// Count a text that is made, and burn for writing it.
    pub(crate) fn text(&mut self, length: usize) -> Result<(), Fault> {
        if length > MAX_TEXT_BYTES {
            return Err(Fault::TextLength {
                max: MAX_TEXT_BYTES,
            });
        }
        self.burn(bytes_fuel(length))?;
        self.allocate(TEXT_BYTES + length as u64)
    }
}

/// Memory of a value besides that of the entry that holds it.
#[inline]
pub(crate) fn content_bytes(value: &Val) -> u64 {
    match value {
        Val::Text(text) => text_bytes(text.len()),
        Val::Bytes(bytes) => TEXT_BYTES + bytes.len() as u64,
        Val::Dec(_) | Val::Link(_) => NUMBER_BYTES,
        _ => 0,
    }
}

/// Memory of a text besides that of the entry that holds it.
#[inline]
pub(crate) const fn text_bytes(length: usize) -> u64 {
    TEXT_BYTES + length as u64
}

/// Longest text that a program can make, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 1 << 20;
/// Memory of a text besides its bytes.
pub(crate) const TEXT_BYTES: u64 = 16;
/// Memory of a decimal, and of a link.
pub(crate) const NUMBER_BYTES: u64 = 48;
/// Memory of a table besides its entries.
pub(crate) const TABLE_BYTES: u64 = 64;
/// Memory of an entry of a table besides the bytes of its key and value.
pub(crate) const ENTRY_BYTES: u64 = 32;

/// Fuel for reading or writing so many bytes.
pub(crate) const fn bytes_fuel(length: usize) -> u64 {
    length as u64 / BYTES_PER_FUEL
}

/// Bytes that are read or written for one unit of fuel.
const BYTES_PER_FUEL: u64 = 16;

/// Fuel for making a table.
pub(crate) const TABLE_FUEL: u64 = 4;
