//! The manifest of a policy: its id is the `policy_root` to which every proof is bound.

use super::{Profile, Trust};
use crate::cbor::{self, FieldError, Fields};
use crate::cid::Cid;
use crate::envelope::Kind;
use crate::id::{PolicyCodeRoot, RepoId};
use crate::statement::{Position, Statement};
use crate::value::Value;

/// The ref whose tip is the policy in force.
pub const ACTIVE_REF: &str = "refs/gatos/policies/active";

/// A policy: compiled rules, trust, and profile, at a position in the chain of policies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundle {
    /// The repository
    pub repo: RepoId,
    /// Where in [`ACTIVE_REF`] it stands
    pub position: Position,
    /// The compiled rules
    pub code: PolicyCodeRoot,
    /// Who may sign what
    pub trust: Trust,
    /// Limits and duties
    pub profile: Profile,
}

/// The compiled rules of a policy that has none: the block, and its id.
#[must_use]
pub fn empty_code() -> (Vec<u8>, PolicyCodeRoot) {
    let block = Value::map([("modules", Value::list([])), ("v", Value::Integer(1))]);
    let bytes = cbor::encode(&block);
    let root = Cid::of_dag_cbor(&bytes).into();
    (bytes, root)
}

impl Statement for Bundle {
    const KIND: Kind = Kind::PolicyBundle;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("code", self.code.into()),
            ("trust", self.trust.to_value()),
            ("profile", self.profile.to_value()),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("policy bundle", value)?;
        let bundle = Self {
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            code: fields.link("code")?.into(),
            trust: Trust::from_value(fields.value("trust")?)?,
            profile: Profile::from_value(fields.value("profile")?)?,
        };
        fields.finish()?;
        Ok(bundle)
    }
}
