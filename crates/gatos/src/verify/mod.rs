//! Verifying offline: every signature, hash, policy binding, and the folds again.

mod experiment;
mod history;
mod policy;
mod report;
mod repository;
mod verdict;

pub(crate) use self::experiment::{Binding, binding, closure};
pub use self::experiment::{Pins, verify_experiment};
pub use self::history::History;
pub use self::policy::{PolicyChain, authorize, authorize_actor};
pub(crate) use self::report::mismatch;
pub use self::report::{Check, CheckOutcome, Verification, VerificationVerdict};
pub use self::repository::{verify_journal, verify_repository, verify_state};
pub use self::verdict::{Expectation, verify_verdict};
