//! Verifying offline: every signature, hash, policy binding, and the folds again.

mod activation;
mod experiment;
mod history;
mod policy;
mod remembered;
mod report;
mod repository;
mod state;
mod verdict;

pub use self::activation::{Activated, Consensus, PolicyCursor, PolicyLink};
pub(crate) use self::experiment::{Binding, binding, closure};
pub use self::experiment::{Pins, verify_experiment};
pub use self::history::History;
pub(crate) use self::history::{CheckedBatch, StoredBatch};
pub use self::policy::{PolicyChain, authorize, authorize_actor};
pub(crate) use self::remembered::Remembered;
pub use self::report::{Check, CheckOutcome, Verification, VerificationVerdict};
pub(crate) use self::report::{ensure, mismatch};
pub(crate) use self::repository::{begin, check_execution, check_reproduction, ensure_complete};
pub use self::repository::{verify_journal, verify_repository};
pub(crate) use self::state::{check_claim, fold_again, read_next};
pub use self::state::{verify_state, verify_state_link};
pub use self::verdict::{Expectation, verify_verdict};
