//! The fields that every input has.
//!
//= spec/policy.md#input

use gatos_core::policy::Trust;
use gatos_core::value::Value;

use super::agreement::Agreement;
use super::deed::{By, Deed, texts};
use super::law::Law;

/// Milliseconds of a second: inputs have seconds, statements milliseconds.
pub(super) const MS: i64 = 1000;

/// The shared fields of an input.
pub(super) fn shared(
    law: &Law<'_>,
    deed: &Deed,
    agreement: Option<&Agreement>,
) -> Vec<(&'static str, Value)> {
    let trust = &law.bundle.trust;
    let seconds = |ms: i64| Value::Integer(ms.div_euclid(MS));
    let (proposal, approvals, grants) = agreement.map_or_else(
        || (Value::Null, Value::list([]), Value::list([])),
        Agreement::to_values,
    );
    vec![
        ("repo", law.repo.into()),
        ("policy", law.root.into()),
        ("time", deed.time.map_or(Value::Null, seconds)),
        ("actor", actor(trust, &deed.by)),
        ("groups", groups(trust)),
        ("proposal", proposal),
        ("approvals", approvals),
        ("grants", grants),
    ]
}

fn actor(trust: &Trust, by: &By) -> Value {
    let known = by.actor.as_ref().and_then(|name| trust.actors().get(name));
    let roles = known.into_iter().flat_map(|actor| &actor.roles);
    let groups = known.into_iter().flat_map(|actor| &actor.groups);
    let mut prints: Vec<String> = by
        .keys
        .iter()
        .map(|k| k.fingerprint().to_string())
        .collect();
    prints.sort_unstable();
    let name = by.actor.as_ref();
    Value::map([
        (
            "name",
            name.map_or(Value::Null, |name| Value::text(name.as_str())),
        ),
        ("keys", texts(prints)),
        ("roles", texts(roles.map(|role| role.as_str()))),
        ("groups", texts(groups.map(|group| group.as_str()))),
    ])
}

fn groups(trust: &Trust) -> Value {
    let groups = trust.groups().into_iter();
    Value::map(groups.map(|(group, members)| {
        let members = texts(members.into_iter().map(|name| name.as_str()));
        (group.to_string(), members)
    }))
}
