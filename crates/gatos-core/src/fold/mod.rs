//! Proof-of-Fold: a state is what a program makes of a journal. `docs/spec/fold.md`.

mod proof;

pub use self::proof::{FoldLimits, FoldProof, STATE_REF_PREFIX};
