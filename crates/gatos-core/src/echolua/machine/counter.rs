//! The counter of a numeric `for`: how many rounds there are is fixed when it begins.

use super::Machine;
use super::val::Val;
use crate::echolua::error::Fault;

impl Machine {
    /// Check the bounds at `base` and turn the second into the number of rounds left.
    pub(super) fn prepare(&mut self, base: usize) -> Result<bool, Fault> {
        let mut bounds = [0_i64; 3];
        for (offset, what) in ["the start", "the bound", "the step"]
            .into_iter()
            .enumerate()
        {
            bounds[offset] = match &self.stack[base + offset] {
                Val::Int(integer) => *integer,
                Val::Dec(_) => return Err(bound(what, "a fraction")),
                other => return Err(bound(what, other.kind())),
            };
        }
        let [start, stop, step] = bounds;
        if step == 0 {
            return Err(Fault::Bound {
                what: "the step",
                found: "0",
                want: "another number",
            });
        }
        if (step > 0 && start > stop) || (step < 0 && start < stop) {
            return Ok(false);
        }
        let rounds = start.abs_diff(stop) / step.unsigned_abs();
        // As a bit pattern, because there can be more than 2^63.
        self.stack[base + 1] = Val::Int(rounds as i64);
        self.stack[base + 3] = Val::Int(start);
        Ok(true)
    }

    pub(super) fn next_round(&mut self, base: usize) -> bool {
        let [Val::Int(at), Val::Int(rounds), Val::Int(step)] = &self.stack[base..base + 3] else {
            return false;
        };
        if *rounds == 0 {
            return false;
        }
        let (at, rounds) = (at.wrapping_add(*step), rounds.wrapping_sub(1));
        self.stack[base] = Val::Int(at);
        self.stack[base + 1] = Val::Int(rounds);
        self.stack[base + 3] = Val::Int(at);
        true
    }
}

const fn bound(what: &'static str, found: &'static str) -> Fault {
    Fault::Bound {
        what,
        found,
        want: "an integer",
    }
}
