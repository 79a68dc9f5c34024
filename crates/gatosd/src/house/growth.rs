//! Waking those who wait for a journal to grow.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A number that goes up whenever this daemon wrote something.
#[derive(Debug)]
pub(crate) struct Growth {
    number: Mutex<u64>,
    changed: Condvar,
}

impl Growth {
    pub(crate) const fn new() -> Self {
        Self {
            number: Mutex::new(0),
            changed: Condvar::new(),
        }
    }

    /// Something was written.
    pub(crate) fn tell(&self) {
        *self.number.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// The number now.
    pub(crate) fn now(&self) -> u64 {
        *self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wait until the number is no longer `seen`, but not longer than `longest`: others write, too.
    pub(crate) fn wait(&self, seen: u64, longest: Duration) -> u64 {
        let number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(number, longest, |number| *number == seen);
        let (number, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *number
    }
}
