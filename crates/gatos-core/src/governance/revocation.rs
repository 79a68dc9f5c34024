//! A revocation: a grant that may no longer be used.

use super::proposal::reason;
use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId, StatementId};
use crate::name::ActorName;
use crate::statement::Statement;
use crate::value::Value;

/// What stands before the **grant's** id in the ref of its revocation.
pub const REVOCATION_REF_PREFIX: &str = "refs/gatos/revocations/";

/// A grant is taken back. What was done with it before stays done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// The repository
    pub repo: RepoId,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// The grant
    pub grant: StatementId,
    /// Who takes it back
    pub actor: ActorName,
    /// Why
    pub reason: String,
}

impl Statement for Revocation {
    const KIND: Kind = Kind::Revocation;

    fn to_value(&self) -> Value {
        Value::map([
            ("repo", self.repo.into()),
            ("policy_root", self.policy_root.into()),
            ("grant", self.grant.into()),
            ("actor", Value::text(self.actor.as_str())),
            ("reason", Value::text(&self.reason)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("revocation", value)?;
        let revocation = Self {
            repo: fields.link("repo")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            grant: fields.link("grant")?.into(),
            actor: fields.parsed("actor", "a name")?,
            reason: reason(&mut fields)?,
        };
        fields.finish()?;
        Ok(revocation)
    }
}
