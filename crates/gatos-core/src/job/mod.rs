//! Jobs: what went in, what came out, and the Proof-of-Execution. `docs/spec/job.md`.

mod environment;
mod isolation;
mod item;
mod proof;

pub use self::environment::Environment;
pub use self::isolation::{Isolation, REPORT_PREFIX};
pub use self::item::{Item, ItemList, NarDigest};
pub use self::proof::{ExecutionProof, JOB_REF_PREFIX, Outcome, Program};
