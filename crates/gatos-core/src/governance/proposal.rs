//! A proposal: what somebody wants to be done, and why.

use super::{Subject, Use};
use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId};
use crate::name::ActorName;
use crate::statement::Statement;
use crate::value::Value;

/// What stands before a proposal's id in its ref.
pub const PROPOSAL_REF_PREFIX: &str = "refs/gatos/proposals/";
/// Longest title, in bytes.
pub const MAX_TITLE_BYTES: usize = 200;
/// Longest reason, in bytes.
pub const MAX_REASON_BYTES: usize = 16 << 10;

/// What somebody wants to be done. What it takes is for policy to say, not for them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    /// The repository
    pub repo: RepoId,
    /// The policy under which it is to be decided
    pub policy_root: PolicyRoot,
    /// Who proposes
    pub actor: ActorName,
    /// 16 random bytes: the same can be proposed again
    pub nonce: [u8; 16],
    /// What it is, in one line
    pub title: String,
    /// Why
    pub reason: String,
    /// What exactly
    pub subject: Subject,
    /// How often the grant may be used
    pub uses: Use,
}

impl Statement for Proposal {
    const KIND: Kind = Kind::Proposal;

    fn to_value(&self) -> Value {
        Value::map([
            ("repo", self.repo.into()),
            ("policy_root", self.policy_root.into()),
            ("actor", Value::text(self.actor.as_str())),
            ("nonce", Value::bytes(self.nonce.to_vec())),
            ("title", Value::text(&self.title)),
            ("reason", Value::text(&self.reason)),
            ("subject", self.subject.to_value()),
            ("use", self.uses.to_value()),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("proposal", value)?;
        let proposal = Self {
            repo: fields.link("repo")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            actor: fields.parsed("actor", "a name")?,
            nonce: fields.array("nonce")?,
            title: fields.text("title")?,
            reason: reason(&mut fields)?,
            subject: Subject::from_value(fields.value("subject")?)?,
            uses: Use::take(&mut fields)?,
        };
        let title = proposal.title.trim();
        let plain = !title.is_empty() && !proposal.title.chars().any(char::is_control);
        if !plain || proposal.title.len() > MAX_TITLE_BYTES {
            return Err(fields.content("title", "one line of 1 to 200 bytes"));
        }
        fields.finish()?;
        Ok(proposal)
    }
}

/// Take the field `reason`.
pub(super) fn reason(fields: &mut Fields) -> Result<String, FieldError> {
    let reason = fields.text("reason")?;
    if reason.len() > MAX_REASON_BYTES {
        return Err(fields.content("reason", "at most 16 KiB"));
    }
    Ok(reason)
}
