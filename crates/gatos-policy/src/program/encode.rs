//! The bytes of compiled rules.
//!
//= spec/policy.md#rgc

use gatos_core::cbor;
use gatos_core::value::Value;

use super::{ENGINE, Rule, Text};
use crate::annotation::Scope;

pub(super) fn encode(modules: &[Text], rules: &[Rule]) -> Vec<u8> {
    let modules = modules.iter().map(|module| {
        Value::map([
            ("name", Value::text(&module.name)),
            ("text", Value::text(&module.text)),
        ])
    });
    cbor::encode(&Value::map([
        ("v", Value::Integer(1)),
        ("engine", Value::text(ENGINE)),
        ("modules", Value::list(modules)),
        ("rules", Value::list(rules.iter().map(rule))),
    ]))
}

fn rule(rule: &Rule) -> Value {
    let scope = match &rule.scope {
        Scope::Everything => Value::Null,
        named => Value::text(named.to_string()),
    };
    let intents = rule.intents.names().into_iter().map(Value::text);
    Value::map([
        ("id", Value::text(&rule.id)),
        ("adr", Value::text(&rule.adr)),
        ("title", Value::text(&rule.title)),
        ("message", Value::text(&rule.message)),
        ("severity", Value::text(rule.severity.as_str())),
        ("effect", Value::text(rule.effect.as_str())),
        ("intents", Value::list(intents)),
        ("scope", scope),
        ("module", Value::text(&rule.module)),
    ])
}
