//! What happens when people agree: one step of a proposal, of its grant, or of the chain of policies.
//!
//= spec/governance.md#transitions

use serde::Serialize;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody proposed something
    Proposed,
    /// A key said yes
    Approved,
    /// A key said no
    Rejected,
    /// Nothing is missing any more
    QuorumReached,
    /// Something is missing again, because somebody said no
    QuorumLost,
    /// There is a grant
    Granted,
    /// A grant was taken back
    Revoked,
    /// What was granted once was done
    Used,
    /// A policy took effect
    Activated,
}

impl Step {
    /// The step, in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::QuorumReached => "quorum reached",
            Self::QuorumLost => "quorum lost",
            Self::Granted => "granted",
            Self::Revoked => "taken back",
            Self::Used => "used up",
            Self::Activated => "in force",
        }
    }
}

/// One step. The same step has the same fields, whoever saw it and however often.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Transition {
    /// What happened
    pub step: Step,
    /// The proposal, if it is about one
    pub proposal: Option<String>,
    /// Its title
    pub title: Option<String>,
    /// The statement that did it: a proposal, an approval, a grant, a revocation, an activation
    pub statement: Option<String>,
    /// The grant, if it is about one
    pub grant: Option<String>,
    /// Who did it, where one person did
    pub actor: Option<String>,
    /// The policy under which it counts; the one that took effect
    pub policy_root: String,
    /// What is still missing for the proposal, after this
    pub missing: Option<String>,
}
