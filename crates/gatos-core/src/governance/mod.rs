//! How people agree: proposals, approvals, grants and revocations. `docs/spec/governance.md`.

mod approval;
mod grant;
mod proposal;
mod revocation;
mod subject;
#[cfg(test)]
mod tests;

pub use self::approval::{APPROVAL_REF_PREFIX, Approval, Verdict, approval_ref};
pub use self::grant::{GRANT_REF_PREFIX, Grant, GrantRefusal, MAX_APPROVALS};
pub use self::proposal::{MAX_REASON_BYTES, MAX_TITLE_BYTES, PROPOSAL_REF_PREFIX, Proposal};
pub use self::revocation::{REVOCATION_REF_PREFIX, Revocation};
pub use self::subject::{Subject, Use};
