//! Agreeing: proposals, approvals, grants, revocations, and putting a policy in force.
//! `docs/spec/governance.md`.

mod activate;
mod approve;
mod draft;
mod grant;
mod ledger;
mod propose;
mod quorum;
mod revoke;
mod trust_file;
mod view;

pub use self::activate::{ActivationReport, activate};
pub(crate) use self::activate::{anchored, statement_at};
pub use self::approve::{ApprovalReport, approve};
pub use self::draft::PolicyDraft;
pub(crate) use self::draft::read_bundle;
pub use self::grant::{GrantReport, grant, verify_grant};
pub(crate) use self::grant::{left_out, no_is_missing};
pub(crate) use self::ledger::{all_grants, all_proposals, approvals, read_consensus, read_link};
pub use self::propose::{Draft, ProposalReport, What, event_subject, propose};
pub(crate) use self::quorum::is_granted;
pub use self::revoke::{RevocationReport, revoke};
pub(crate) use self::revoke::{may_revoke, standing_revocation};
pub use self::trust_file::{read_trust, write_trust};
pub use self::view::{ApprovalView, GrantView, ProposalView, grants, proposal, proposals};
pub use gatos_core::governance::{Subject, Use, Verdict};
