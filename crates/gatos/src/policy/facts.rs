//! The fields that every input has, from what the repository knows.

use gatos_core::keys::PublicKey;
use gatos_core::name::ActorName;
use gatos_core::value::{Map, Value};

use crate::repository::Repository;

/// The shared fields of an input. Whoever knows more (a proposal, approvals, grants) fills them in.
#[derive(Clone, Debug)]
pub struct Facts {
    /// By name
    pub fields: Vec<(&'static str, Value)>,
}

impl Facts {
    /// Put another value into a shared field.
    pub fn set(&mut self, name: &'static str, value: Value) {
        self.fields.retain(|(field, _)| *field != name);
        self.fields.push((name, value));
    }

    /// These and the fields of the intent.
    pub fn with(
        &self,
        own: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> impl Iterator<Item = (&'static str, Value)> {
        let shared = self.fields.clone().into_iter();
        shared.chain(own)
    }
}

/// What is known of `actor` acting with `keys` under the policy in force: no approvals, no grants.
#[must_use]
pub fn facts_of(repository: &Repository, actor: Option<&ActorName>, keys: &[PublicKey]) -> Facts {
    let (policy, bundle) = repository.policy();
    let known = actor.and_then(|name| bundle.trust.actors().get(name));
    let roles = known.into_iter().flat_map(|actor| &actor.roles);
    let mut prints: Vec<String> = keys.iter().map(|k| k.fingerprint().to_string()).collect();
    prints.sort_unstable();
    let actor = Value::map([
        (
            "name",
            actor.map_or(Value::Null, |name| Value::text(name.as_str())),
        ),
        ("keys", Value::list(prints.into_iter().map(Value::text))),
        (
            "roles",
            Value::list(roles.map(|role| Value::text(role.as_str()))),
        ),
        ("groups", Value::list([])),
    ]);
    Facts {
        fields: vec![
            ("repo", repository.id().into()),
            ("policy", policy.into()),
            ("time", Value::Null),
            ("actor", actor),
            ("groups", Value::Map(Map::default())),
            ("proposal", Value::Null),
            ("approvals", Value::list([])),
            ("grants", Value::list([])),
        ],
    }
}
