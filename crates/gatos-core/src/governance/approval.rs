//! An approval: what one key says of a proposal.

use std::fmt;

use super::proposal::reason;
use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId, StatementId};
use crate::keys::PublicKey;
use crate::name::ActorName;
use crate::statement::Statement;
use crate::value::Value;

/// What stands before the proposal's id in the ref of an approval.
pub const APPROVAL_REF_PREFIX: &str = "refs/gatos/approvals/";

/// The ref of what `key` says of a proposal.
#[must_use]
pub fn approval_ref(proposal: &StatementId, key: &PublicKey) -> String {
    let key = data_encoding::HEXLOWER.encode(key.as_bytes());
    format!("{APPROVAL_REF_PREFIX}{proposal}/{key}")
}

/// Yes or no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Yes
    Approve,
    /// No
    Reject,
}

impl Verdict {
    /// The verdict as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What somebody says of a proposal, once and for all.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approval {
    /// The repository
    pub repo: RepoId,
    /// The policy under which it was given
    pub policy_root: PolicyRoot,
    /// The proposal
    pub proposal: StatementId,
    /// Who says so
    pub actor: ActorName,
    /// Yes or no
    pub verdict: Verdict,
    /// Why
    pub reason: String,
}

impl Statement for Approval {
    const KIND: Kind = Kind::Approval;

    fn to_value(&self) -> Value {
        Value::map([
            ("repo", self.repo.into()),
            ("policy_root", self.policy_root.into()),
            ("proposal", self.proposal.into()),
            ("actor", Value::text(self.actor.as_str())),
            ("verdict", Value::text(self.verdict.as_str())),
            ("reason", Value::text(&self.reason)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("approval", value)?;
        let verdict = match fields.text("verdict")?.as_str() {
            "approve" => Verdict::Approve,
            "reject" => Verdict::Reject,
            _ => return Err(fields.content("verdict", "`approve` or `reject`")),
        };
        let approval = Self {
            repo: fields.link("repo")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            proposal: fields.link("proposal")?.into(),
            actor: fields.parsed("actor", "a name")?,
            verdict,
            reason: reason(&mut fields)?,
        };
        fields.finish()?;
        Ok(approval)
    }
}
