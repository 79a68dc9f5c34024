//! Who may sign what: actors, their keys and their roles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::cbor::{FieldError, Fields};
use crate::keys::PublicKey;
use crate::name::{ActorName, GroupName};
use crate::value::Value;

/// What the groups of an actor are, where there are any.
const GROUPS: &str = "a sorted list of one or more groups";

/// What an actor may do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Record events
    Append,
    /// Sign proofs of execution
    Execute,
    /// Sign proofs of fold
    Fold,
    /// Change the policy
    Govern,
    /// Publish experiments
    Publish,
    /// Sign reproductions
    Reproduce,
}

impl Role {
    /// Every role, in order.
    pub const ALL: [Self; 6] = [
        Self::Append,
        Self::Execute,
        Self::Fold,
        Self::Govern,
        Self::Publish,
        Self::Reproduce,
    ];

    /// The role as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Execute => "execute",
            Self::Fold => "fold",
            Self::Govern => "govern",
            Self::Publish => "publish",
            Self::Reproduce => "reproduce",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no role.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a role is one of append, execute, fold, govern, publish, reproduce")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(RoleError)
    }
}

/// A person or service: the keys that are theirs, and what they may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// The groups that they belong to; what a group may do is for the rules to say
    pub groups: BTreeSet<GroupName>,
    /// Their keys; several keys are still one actor
    pub keys: BTreeSet<PublicKey>,
    /// What they may do
    pub roles: BTreeSet<Role>,
}

/// Why a key may not sign something.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustError {
    /// No actor has the key
    #[error("key {} belongs to no actor of the policy in force", key.fingerprint())]
    UnknownKey {
        /// The key
        key: PublicKey,
    },
    /// Nobody signed
    #[error("nobody signed")]
    Unsigned,
    /// The actor may not do this
    #[error("actor `{actor}` does not have the role `{role}`")]
    LacksRole {
        /// Whose key it is
        actor: ActorName,
        /// What would be needed
        role: Role,
    },
}

/// All actors, by name. A key belongs to one actor at most.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Trust {
    actors: BTreeMap<ActorName, Actor>,
}

impl Trust {
    /// The actors given; `None` if two of them share a key.
    #[must_use]
    pub fn new(actors: BTreeMap<ActorName, Actor>) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let distinct = actors
            .values()
            .flat_map(|actor| &actor.keys)
            .all(|key| seen.insert(*key));
        distinct.then_some(Self { actors })
    }

    /// All actors, by name.
    #[must_use]
    pub const fn actors(&self) -> &BTreeMap<ActorName, Actor> {
        &self.actors
    }

    /// Whose key it is.
    #[must_use]
    pub fn actor_of(&self, key: &PublicKey) -> Option<(&ActorName, &Actor)> {
        self.actors
            .iter()
            .find(|(_, actor)| actor.keys.contains(key))
    }

    /// Check that one of `keys` is of an actor with `role`, and that all are of known actors.
    ///
    /// # Errors
    /// A key of nobody, or of somebody without the role.
    pub fn authorize(&self, keys: &[PublicKey], role: Role) -> Result<&ActorName, TrustError> {
        let mut authorized = None;
        for key in keys {
            let (name, actor) = self
                .actor_of(key)
                .ok_or(TrustError::UnknownKey { key: *key })?;
            if !actor.roles.contains(&role) {
                return Err(TrustError::LacksRole {
                    actor: name.clone(),
                    role,
                });
            }
            authorized = authorized.or(Some(name));
        }
        authorized.ok_or(TrustError::Unsigned)
    }

    /// The actors of each group that somebody belongs to.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<&GroupName, BTreeSet<&ActorName>> {
        let mut groups: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (name, actor) in &self.actors {
            for group in &actor.groups {
                groups.entry(group).or_default().insert(name);
            }
        }
        groups
    }

    /// The value that stands in a policy bundle.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map(self.actors.iter().map(|(name, actor)| {
            let groups = actor.groups.iter().map(|group| Value::text(group.as_str()));
            let keys = actor
                .keys
                .iter()
                .map(|key| Value::bytes(key.as_bytes().to_vec()));
            let roles = actor.roles.iter().map(|role| Value::text(role.as_str()));
            let groups = (!actor.groups.is_empty()).then(|| ("groups", Value::list(groups)));
            let entry = [("keys", Value::list(keys)), ("roles", Value::list(roles))];
            (
                name.to_string(),
                Value::map(entry.into_iter().chain(groups)),
            )
        }))
    }

    /// Read the value back; also what reads a trust file.
    ///
    /// # Errors
    /// A name, key, role or group that may not stand there, or a key of two actors.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let wrong = |want| FieldError::Content {
            what: "policy bundle",
            field: "trust",
            want,
        };
        let Value::Map(map) = value else {
            return Err(wrong("a map of actors"));
        };
        let mut actors = BTreeMap::new();
        for (name, entry) in map {
            let name = name.parse().map_err(|_| wrong("a map from actor names"))?;
            actors.insert(name, Actor::from_value(entry)?);
        }
        Self::new(actors).ok_or_else(|| wrong("actors with distinct keys"))
    }
}

impl Actor {
    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("actor", value)?;
        let key = |item: &Value| match item {
            Value::Bytes(bytes) => PublicKey::from_slice(bytes).ok(),
            _ => None,
        };
        let actor = Self {
            groups: match fields.optional("groups") {
                None => BTreeSet::new(),
                Some(Value::List(items)) if !items.is_empty() => read_ascending(&items, parsed)
                    .ok_or_else(|| fields.content("groups", GROUPS))?,
                Some(_) => return Err(fields.content("groups", GROUPS)),
            },
            keys: ascending(
                &mut fields,
                "keys",
                "a sorted list of acceptable Ed25519 keys",
                key,
            )?,
            roles: ascending(&mut fields, "roles", "a sorted list of roles", parsed)?,
        };
        fields.finish()?;
        Ok(actor)
    }
}

fn parsed<T: FromStr>(item: &Value) -> Option<T> {
    match item {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Take a list whose items ascend, each once.
fn ascending<T: Ord>(
    fields: &mut Fields,
    field: &'static str,
    want: &'static str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<BTreeSet<T>, FieldError> {
    let items = fields.list(field)?;
    read_ascending(&items, read).ok_or_else(|| fields.content(field, want))
}

fn read_ascending<T: Ord>(
    items: &[Value],
    read: impl Fn(&Value) -> Option<T>,
) -> Option<BTreeSet<T>> {
    let items: Option<Vec<T>> = items.iter().map(read).collect();
    items
        .filter(|items| items.is_sorted_by(|a, b| a < b))
        .map(|items| items.into_iter().collect())
}
