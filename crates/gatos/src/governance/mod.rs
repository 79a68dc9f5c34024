//! Agreeing: proposals, approvals, grants, revocations, and putting a policy in force.
//! `docs/spec/governance.md`.

mod activate;
mod admit;
mod approve;
mod draft;
mod grant;
mod ledger;
mod outlook;
mod propose;
mod quorum;
mod revoke;
mod submission;
mod transition;
mod trust_file;
mod view;
mod watch;

pub use self::activate::{ActivationReport, activate};
pub(crate) use self::activate::{Next, anchored, moved, record_again, statement_at};
pub use self::approve::{ApprovalReport, approve};
pub(crate) use self::approve::{record as record_approval, sign as sign_approval};
pub use self::draft::PolicyDraft;
pub(crate) use self::draft::read_bundle;
pub use self::grant::{GrantReport, grant, verify_grant};
pub(crate) use self::grant::{left_out, no_is_missing, record as record_grant, sign as sign_grant};
pub(crate) use self::ledger::{all_grants, all_proposals, approvals, read_consensus, read_link};
pub use self::propose::{Draft, ProposalReport, What, event_subject, propose};
pub(crate) use self::propose::{record as record_proposal, sign as sign_proposal};
pub(crate) use self::quorum::is_granted;
pub use self::revoke::{RevocationReport, revoke};
pub(crate) use self::revoke::{
    may_revoke, record as record_revocation, sign as sign_revocation, standing_revocation,
};
pub use self::submission::{Parcel, Recorded, Submission, record};
pub use self::transition::{Step, Transition};
pub use self::trust_file::{read_trust, write_trust};
pub use self::view::{ApprovalView, GrantView, ProposalView, grants, proposal, proposals};
pub use self::watch::{Look, Observer};
pub use gatos_core::governance::{Subject, Use, Verdict};
