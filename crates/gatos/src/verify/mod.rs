//! Verifying offline: every signature, hash, policy binding, and the folds again.

mod experiment;
mod history;
mod policy;
mod remembered;
mod report;
mod repository;
mod state;
mod verdict;

pub(crate) use self::experiment::{Binding, binding, closure};
pub use self::experiment::{Pins, verify_experiment};
pub use self::history::History;
pub(crate) use self::history::{CheckedBatch, StoredBatch};
pub use self::policy::{PolicyChain, authorize, authorize_actor};
pub(crate) use self::remembered::Remembered;
pub(crate) use self::report::mismatch;
pub use self::report::{Check, CheckOutcome, Verification, VerificationVerdict};
pub(crate) use self::repository::{begin, ensure_complete};
pub use self::repository::{verify_journal, verify_repository};
pub(crate) use self::state::check_claim;
pub use self::state::{verify_state, verify_state_link};
pub use self::verdict::{Expectation, verify_verdict};
