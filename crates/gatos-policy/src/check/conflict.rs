//! Rules that could have two values at once. `docs/spec/policy.md#conflicts`.
//!
//! To Rego that is an error; the engine's machine makes it *undefined*, and a `deny` rule that needs the
//! value would find nothing. So what could conflict is refused.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Ref, Rule, RuleHead};

use super::names::{head_name, is_decision};
use super::read::Parsed;
use crate::diagnostic::Diagnostics;

/// Check every rule of the policy.
pub(super) fn check(modules: &[Parsed], diagnostics: &mut Diagnostics) {
    let mut all: BTreeMap<String, Vec<(&Parsed, &Rule)>> = BTreeMap::new();
    for module in modules {
        for rule in &module.ast.policy {
            let Some((name, _)) = head_name(rule) else {
                continue;
            };
            if is_keyed(rule) {
                let message = "there are no rules `name[key] := value`";
                let help = "two values for one key would go unseen: collect a set of pairs, or write a \
                            function";
                let at = module.span(rule.span());
                diagnostics.add_with_help(at, "conflict", (message, help));
            }
            if matches!(&**rule, Rule::Spec { .. }) && !is_decision(name) {
                let path = format!("{}.{name}", module.package);
                all.entry(path).or_default().push((module, rule));
            }
        }
    }
    for definitions in all.values() {
        for (index, (module, rule)) in definitions.iter().enumerate() {
            let earlier = definitions.iter().take(index);
            if !earlier.into_iter().all(|(_, other)| is_apart(rule, other)) {
                let message = "this rule could have two values at once";
                let help = "let every definition have the same literal value, take other literal \
                            arguments, or be an `else` of one rule";
                let at = module.span(rule.span());
                diagnostics.add_with_help(at, "conflict", (message, help));
            }
        }
    }
}

fn is_keyed(rule: &Rule) -> bool {
    let Rule::Spec {
        head: RuleHead::Compr { refr, .. },
        ..
    } = rule
    else {
        return false;
    };
    matches!(&**refr, Expr::RefBrack { .. })
}

/// Whether two definitions of one rule never give different values.
fn is_apart(a: &Rule, b: &Rule) -> bool {
    if is_set(a) && is_set(b) {
        return true;
    }
    let same = match (value(a), value(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    same || arguments(a)
        .iter()
        .zip(arguments(b))
        .any(|(a, b)| match (literal(a), literal(b)) {
            (Some(a), Some(b)) => a != b,
            _ => false,
        })
}

fn is_set(rule: &Rule) -> bool {
    matches!(
        rule,
        Rule::Spec {
            head: RuleHead::Set { .. },
            ..
        }
    )
}

fn arguments(rule: &Rule) -> &[Ref<Expr>] {
    match rule {
        Rule::Spec {
            head: RuleHead::Func { args, .. },
            ..
        } => args,
        _ => &[],
    }
}

/// The one literal value that a definition gives, if it is one.
fn value(rule: &Rule) -> Option<regorus::Value> {
    let Rule::Spec { head, bodies, .. } = rule else {
        return None;
    };
    let assign = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign,
        RuleHead::Set { .. } => return None,
    };
    let first = match assign {
        None => regorus::Value::Bool(true),
        Some(assign) => literal(&assign.value)?,
    };
    let others = bodies.iter().filter(|body| body.is_else);
    let mut others = others.map(|body| match &body.assign {
        None => Some(regorus::Value::Bool(true)),
        Some(assign) => literal(&assign.value),
    });
    others
        .all(|other| other.as_ref() == Some(&first))
        .then_some(first)
}

fn literal(expression: &Expr) -> Option<regorus::Value> {
    match expression {
        Expr::String { value, .. }
        | Expr::RawString { value, .. }
        | Expr::Number { value, .. }
        | Expr::Bool { value, .. }
        | Expr::Null { value, .. } => Some(value.clone()),
        _ => None,
    }
}
