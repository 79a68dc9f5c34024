//! The gate's own rules: from what was found out about one update of a push to whether it may be.
//!
//= spec/gate.md#rules
//!
//! Everything here is pure. What was found out is a [`Facts`], which is kept with a refusal, so that
//! the decision can be made again anywhere and comes out the same, byte for byte.

mod facts;
mod judge;
#[cfg(test)]
mod tests;

pub(crate) use self::facts::maybe;
pub use self::facts::{Change, Facts, Flaw, Target};
pub use self::judge::{Reason, judge};
