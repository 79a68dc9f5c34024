//! Fuel and memory of one event: exact, because nothing is done that was not charged before.
//! `docs/spec/echolua.md#fuel`.

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

/// What is left of the limits.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    fuel: u64,
    memory: u64,
}

impl Meter {
    /// A full one.
    pub(crate) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            fuel: limits.fuel_per_event,
            memory: limits.memory_bytes,
        }
    }

    /// Begin an event with `live` bytes of state.
    pub(crate) fn begin(&mut self, live: u64) -> Result<(), Fault> {
        self.fuel = self.limits.fuel_per_event;
        self.memory = self.limits.memory_bytes;
        self.allocate(live)
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

/// Longest text that a program can make, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 1 << 20;
/// Memory of a text besides its bytes.
pub(crate) const TEXT_BYTES: u64 = 16;
/// Memory of a table besides its entries.
pub(crate) const TABLE_BYTES: u64 = 64;
/// Memory of an entry of a table besides the bytes of its key and value.
pub(crate) const ENTRY_BYTES: u64 = 32;

/// Fuel for reading or writing so many bytes.
pub(crate) const fn bytes_fuel(length: usize) -> u64 {
    length as u64 / 16
}
