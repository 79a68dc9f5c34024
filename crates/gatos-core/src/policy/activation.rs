//! Putting a policy in force at a position in history. `docs/spec/policy-bundle.md#activation`.

use std::collections::BTreeMap;

use crate::cbor::{FieldError, Fields};
use crate::cid::Cid;
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId, StatementId};
use crate::merkle::TreeHash;
use crate::name::ActorName;
use crate::state::StateTree;
use crate::statement::Statement;
use crate::value::Value;

/// A policy took effect. What the one before it may have signed is what stands in `anchors`, and
/// nothing else: a key that was taken out can add nothing to it, whatever the clock says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Activation {
    /// The repository
    pub repo: RepoId,
    /// The policy that was in force until now
    pub previous: PolicyRoot,
    /// The policy that is in force from now on
    pub policy_root: PolicyRoot,
    /// Root of the tree of [`Anchors`]
    pub anchors: Cid,
    /// The grant on which it rests, where the rules ask for one
    pub grant: Option<StatementId>,
    /// Who put it in force
    pub actor: ActorName,
}

impl Statement for Activation {
    const KIND: Kind = Kind::Activation;

    fn to_value(&self) -> Value {
        Value::map([
            ("repo", self.repo.into()),
            ("previous", self.previous.into()),
            ("policy_root", self.policy_root.into()),
            ("anchors", Value::Link(self.anchors)),
            ("grant", self.grant.map_or(Value::Null, Value::from)),
            ("actor", Value::text(self.actor.as_str())),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("activation", value)?;
        let activation = Self {
            repo: fields.link("repo")?.into(),
            previous: fields.link("previous")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            anchors: fields.link("anchors")?,
            grant: fields.nullable_link("grant")?.map(StatementId::from),
            actor: fields.parsed("actor", "a name")?,
        };
        fields.finish()?;
        Ok(activation)
    }
}

/// Where a ref stood when a policy took effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Anchor {
    /// A journal: number of events, and their history root
    Journal {
        /// Number of events
        size: u64,
        /// Their history root
        root: TreeHash,
    },
    /// Any other ref: the statement at its tip
    Statement(StatementId),
}

/// Where every ref with statements stood, by full name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Anchors(pub BTreeMap<String, Anchor>);

impl Anchors {
    /// The tree whose root an activation names.
    #[must_use]
    pub fn tree(&self) -> StateTree {
        StateTree::build(&self.to_value())
    }

    /// Number of events of a journal's ref; 0 where it was not there.
    #[must_use]
    pub fn size(&self, reference: &str) -> u64 {
        match self.0.get(reference) {
            Some(Anchor::Journal { size, .. }) => *size,
            _ => 0,
        }
    }

    /// The value of the tree.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map(self.0.iter().map(|(name, anchor)| {
            let value = match anchor {
                Anchor::Journal { size, root } => Value::map([
                    ("size", Value::count(*size)),
                    ("root", Value::bytes(root.as_bytes().to_vec())),
                ]),
                Anchor::Statement(id) => Value::map([("id", Value::from(*id))]),
            };
            (name.clone(), value)
        }))
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A value that is no map, or an entry that is neither form.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let Value::Map(map) = value else {
            return Err(FieldError::NotAMap {
                what: "anchors",
                found: value.kind(),
            });
        };
        let mut anchors = BTreeMap::new();
        for (name, entry) in map {
            let mut fields = Fields::of("anchor", entry)?;
            let anchor = match fields.optional("id") {
                Some(Value::Link(cid)) => Anchor::Statement(cid.into()),
                Some(_) => return Err(fields.content("id", "a link")),
                None => Anchor::Journal {
                    size: fields.count("size")?,
                    root: TreeHash::from_bytes(fields.array("root")?),
                },
            };
            fields.finish()?;
            anchors.insert(name, anchor);
        }
        Ok(Self(anchors))
    }
}
