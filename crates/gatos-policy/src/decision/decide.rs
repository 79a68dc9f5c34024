//! From a program and an input to a decision.
//!
//= spec/policy.md#decision

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::value::{Value, is_unsafe_to_show};
use regorus::Value as Found;

use super::{Basis, Decision, Missing, Reason, Verdict};
use crate::annotation::{Scope, Severity};
use crate::engine::{Failure, Limits, from_engine, to_engine};
use crate::input::Input;
use crate::intent::Intents;
use crate::program::{Effect, Program, Rule, entry};

/// Longest message of a reason, in characters.
const MAX_MESSAGE_CHARS: usize = 500;
/// Most findings that a decision names; what is beyond is counted.
const MAX_FINDINGS: usize = 100;

/// Judge `input` by the rules of `program`.
///
/// Never fails: a rule that fails, or more work than `limits` allow, is a denial.
#[must_use]
pub fn decide(program: &Program, input: &Input, limits: Limits) -> Decision {
    let mut decision = Decision {
        intent: input.intent(),
        input: input.id(),
        code: program.root(),
        limit: limits.instructions,
        verdict: Verdict::Allow,
        basis: Basis::Roles,
        reasons: Vec::new(),
        warnings: Vec::new(),
    };
    if !program.governs(input.intent()) {
        return decision;
    }
    decision.verdict = Verdict::Deny;
    match findings(program, input, limits) {
        Err(Failure::Limit) => {
            decision.basis = Basis::Limit;
            let title = "The rules took too much";
            let message = format!(
                "the rules for `{}` took more than {} instructions",
                input.intent(),
                limits.instructions
            );
            decision.reasons.push(own("gatos-limit", title, message));
        }
        Err(Failure::Error) => {
            decision.basis = Basis::Failure;
            let title = "A rule failed";
            let message = format!("a rule for `{}` failed on this input", input.intent());
            decision.reasons.push(own("gatos-failure", title, message));
        }
        Ok(found) => judge(program, input, &found, &mut decision),
    }
    decision
}

/// What each rule found: nothing for an `allow` rule that holds, a value for each finding of `deny`.
type Findings = BTreeMap<usize, Vec<Value>>;

fn findings(program: &Program, input: &Input, limits: Limits) -> Result<Findings, Failure> {
    let document = to_engine(input.value());
    let name = entry(input.intent());
    let found = program.machine.run(&name, document, limits)?;
    let mut findings = Findings::new();
    let pairs = match &found {
        Found::Set(pairs) => pairs,
        Found::Undefined => return Ok(findings),
        _ => return Err(Failure::Error),
    };
    for pair in pairs.iter() {
        let pair = from_engine(pair).ok_or(Failure::Error)?;
        let Value::List(pair) = pair else {
            return Err(Failure::Error);
        };
        let mut pair = pair.into_iter();
        let (Some(Value::Integer(number)), Some(finding)) = (pair.next(), pair.next()) else {
            return Err(Failure::Error);
        };
        let number = usize::try_from(number).map_err(|_| Failure::Error)?;
        findings.entry(number).or_default().push(finding);
    }
    Ok(findings)
}

fn judge(program: &Program, input: &Input, found: &Findings, decision: &mut Decision) {
    decision.basis = Basis::Rules;
    let mut reasons = BTreeSet::new();
    let mut broken = false;
    for (number, rule) in program.rules().iter().enumerate() {
        if rule.effect != Effect::Deny {
            continue;
        }
        for finding in found.get(&number).into_iter().flatten() {
            match reason(rule, finding, input) {
                Some(reason) => _ = reasons.insert(reason),
                None => broken = true,
            }
        }
    }
    if broken {
        decision.basis = Basis::Failure;
        let title = "A rule failed";
        let message = "a rule's finding is not of a form that docs/spec/policy.md has".to_owned();
        decision.reasons = vec![own("gatos-failure", title, message)];
        return;
    }
    let (against, warnings): (Vec<_>, Vec<_>) = reasons
        .into_iter()
        .partition(|reason| reason.severity == Severity::Error);
    decision.warnings = warnings;
    decision.reasons = against;
    decision.reasons.extend(not_allowed(program, input, found));
    for list in [&mut decision.reasons, &mut decision.warnings] {
        let more = list.len().saturating_sub(MAX_FINDINGS);
        if more > 0 {
            list.truncate(MAX_FINDINGS);
            let message = format!("{more} more findings are not listed");
            list.push(own("gatos-more", "More findings", message));
        }
    }
    if decision.reasons.is_empty() {
        decision.verdict = Verdict::Allow;
    }
}

/// For each tier of `allow` rules that is about this, and of which no rule holds, a reason.
///
/// A tier is a scope, apart for rules of every intent and rules of this one: a wide rule never stands
/// in for a narrow one, nor a narrow one for a wide one.
fn not_allowed(program: &Program, input: &Input, found: &Findings) -> Vec<Reason> {
    let mut tiers: BTreeMap<(bool, &Scope), (bool, Vec<&Rule>)> = BTreeMap::new();
    for (number, rule) in program.rules().iter().enumerate() {
        let about = rule.intents.has(input.intent()) && rule.scope.has(input.subject());
        if rule.effect == Effect::Allow && about {
            let narrow = rule.intents != Intents::Every;
            let tier = tiers.entry((narrow, &rule.scope)).or_default();
            tier.0 |= found.contains_key(&number);
            tier.1.push(rule);
        }
    }
    if tiers.is_empty() {
        let title = "Nothing allows it";
        let message = format!(
            "no `allow` rule is about `{}` of `{}`",
            input.intent(),
            clean(input.subject())
        );
        return vec![own("gatos-default", title, message)];
    }
    let unmet = tiers.into_values().filter(|(holds, _)| !holds);
    unmet
        .map(|(_, candidates)| match candidates.as_slice() {
            [only] => of_rule(only, only.message.clone(), Vec::new()),
            many => {
                let mut names = many.iter().map(|rule| format!("`{}`", rule.id));
                let names: Vec<String> = names.by_ref().collect();
                let messages: Vec<&str> = many.iter().map(|rule| rule.message.as_str()).collect();
                let message = format!(
                    "none of {} holds: {}",
                    names.join(", "),
                    messages.join("; or ")
                );
                Reason {
                    adr: many.first().map(|rule| rule.adr.clone()),
                    ..own("gatos-default", "Nothing allows it", clean(&message))
                }
            }
        })
        .collect()
}

/// A reason from what a `deny` rule found; `None` if that has no form of ours.
pub(super) fn reason(rule: &Rule, finding: &Value, input: &Input) -> Option<Reason> {
    let plain = |message: &str| of_rule(rule, clean(message), Vec::new());
    match finding {
        Value::Bool(true) => Some(plain(&rule.message)),
        Value::Text(text) => Some(plain(text)),
        Value::Map(map) => {
            let known = |key: &str| matches!(key, "message" | "missing");
            if !map.keys().all(known) {
                return None;
            }
            let message = match map.get("message") {
                None => rule.message.clone(),
                Some(Value::Text(text)) => text.clone(),
                Some(_) => return None,
            };
            let entries = match map.get("missing") {
                None => &[],
                Some(Value::List(entries)) => entries.as_slice(),
                Some(_) => return None,
            };
            let missing: Option<BTreeSet<Missing>> = entries
                .iter()
                .map(|entry| Missing::from_finding(entry, input.proposal()))
                .collect();
            let missing = missing?.into_iter().collect();
            Some(of_rule(rule, clean(&message), missing))
        }
        _ => None,
    }
}

fn of_rule(rule: &Rule, message: String, missing: Vec<Missing>) -> Reason {
    Reason {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        adr: Some(rule.adr.clone()),
        message,
        severity: rule.severity,
        missing,
    }
}

fn own(rule: &str, title: &str, message: String) -> Reason {
    Reason {
        rule: rule.to_owned(),
        title: title.to_owned(),
        adr: None,
        message,
        severity: Severity::Error,
        missing: Vec::new(),
    }
}

/// A text from a rule, part of which others may have written: nothing invisible, and not endless.
pub(super) fn clean(text: &str) -> String {
    let mark = |c: char| match c {
        c if is_unsafe_to_show(c) => '\u{fffd}',
        c => c,
    };
    let mut chars = text.chars().map(mark);
    let mut cleaned: String = chars.by_ref().take(MAX_MESSAGE_CHARS).collect();
    if chars.next().is_some() {
        cleaned.push('…');
    }
    cleaned
}
