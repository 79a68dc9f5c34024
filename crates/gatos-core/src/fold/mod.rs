//! Proof-of-Fold: a state is what a program makes of a journal. `docs/spec/fold.md`.

mod consistency;
mod link;
mod proof;

pub use self::consistency::{Consistency, ConsistencyError, MAX_CONSISTENCY_HASHES};
pub use self::link::LinkError;
pub use self::proof::{FoldLimits, FoldProof, STATE_REF_PREFIX};
