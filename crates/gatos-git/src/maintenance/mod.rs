//! What is left behind by crashes and is harmless, but in the way: reported, and removed when that
//! is certain to be safe.

mod error;
mod leftovers;
mod signals;
mod turn;

pub use self::error::{LeftoverError, SignalError, TurnError};
pub use self::leftovers::{Leftovers, Proof, StaleLock, TemporaryFile};
pub use self::signals::release_locks_on_signals;
pub use self::turn::Turn;
