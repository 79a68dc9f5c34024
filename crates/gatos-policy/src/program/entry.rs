//! How each decision rule gets a name of its own for the engine, and what is run for an intent.
//!
//! To Rego, all `deny` rules of a package are one set. A decision must say which of them spoke, so for
//! the engine the `n`-th decision rule is called `deny__n`, and a module of ours asks them one by one.

use std::fmt::Write as _;

use gatos_core::json;
use gatos_core::value::Value;

use super::Rule;
use crate::annotation::Scope;
use crate::check::{Decider, Parsed};
use crate::engine::Source;
use crate::intent::Intent;

const PACKAGE: &str = "gatos_entry";

/// The name of the rule that is run for `intent`.
pub(crate) fn entry(intent: Intent) -> String {
    format!("data.{PACKAGE}.{}", word(intent))
}

/// The names of all rules that can be run.
pub(super) fn entries(rules: &[Rule]) -> Vec<String> {
    let governed = |intent: &Intent| rules.iter().any(|rule| rule.intents.has(*intent));
    Intent::ALL
        .into_iter()
        .filter(governed)
        .map(entry)
        .collect()
}

/// A module's text with the names that its decision rules have for the engine.
pub(super) fn renamed(module: &Parsed, index: usize, deciders: &[Decider]) -> String {
    let mut text = String::with_capacity(module.text.len());
    let mut from = 0;
    for (number, decider) in deciders.iter().enumerate() {
        if decider.module != index {
            continue;
        }
        let name = decider.effect.as_str();
        let end = decider.start.saturating_add(name.len());
        text.push_str(module.text.get(from..end).unwrap_or_default());
        let _ = write!(text, "__{number}");
        from = end;
    }
    text.push_str(module.text.get(from..).unwrap_or_default());
    text
}

/// For each intent a set of `[number of the rule, what it found]`.
pub(super) fn entry_module(rules: &[Rule], deciders: &[Decider]) -> Source {
    let mut text = format!("package {PACKAGE}\n");
    for intent in Intent::ALL {
        for (number, (rule, decider)) in rules.iter().zip(deciders).enumerate() {
            if !rule.intents.has(intent) {
                continue;
            }
            let name = word(intent);
            let guard = guard(intent, &rule.scope);
            let path = format!(
                "data.{}.{}__{number}",
                decider.package,
                decider.effect.as_str()
            );
            let _ = if decider.is_set {
                writeln!(
                    text,
                    "{name} contains [{number}, finding] if {{\n{guard}some finding in {path}\n}}"
                )
            } else {
                writeln!(
                    text,
                    "{name} contains [{number}, true] if {{\n{guard}{path}\n}}"
                )
            };
        }
    }
    Source {
        name: "gatos/entry.rego".to_owned(),
        text,
    }
}

/// The name of the rule that runs the `number`-th decision rule alone.
pub(crate) fn single_entry(number: usize) -> String {
    format!("data.{PACKAGE}.rule_{number}")
}

/// For each decision rule the set of what it finds.
pub(super) fn single_module(deciders: &[Decider]) -> Source {
    let mut text = format!("package {PACKAGE}\n");
    for (number, decider) in deciders.iter().enumerate() {
        let effect = decider.effect.as_str();
        let path = format!("data.{}.{effect}__{number}", decider.package);
        let _ = if decider.is_set {
            writeln!(
                text,
                "rule_{number} contains finding if some finding in {path}"
            )
        } else {
            writeln!(text, "rule_{number} contains true if {path}")
        };
    }
    Source {
        name: "gatos/single.rego".to_owned(),
        text,
    }
}

fn guard(intent: Intent, scope: &Scope) -> String {
    let field = format!("input[\"{}\"]", intent.subject_field());
    let quoted = |text: &str| json::to_string(&Value::text(text));
    match scope {
        Scope::Everything => String::new(),
        Scope::Below(prefix) => format!("startswith({field}, {})\n", quoted(prefix)),
        Scope::Exactly(name) => format!("{field} == {}\n", quoted(name)),
    }
}

fn word(intent: Intent) -> String {
    intent.as_str().replace('.', "_")
}
