//! What each rule said, for those who ask why.

use regorus::Value as Found;

use super::Reason;
use super::decide::reason;
use crate::engine::{Failure, Limits, from_engine, to_engine};
use crate::input::Input;
use crate::program::{Effect, Program, Rule, single_entry};

/// What a rule said to an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RuleOutcome {
    /// The subject is not in its scope
    OutOfScope,
    /// An `allow` rule that does not hold
    DoesNotHold,
    /// An `allow` rule that holds
    Holds,
    /// A `deny` rule that found nothing
    FoundNothing,
    /// A `deny` rule that found this
    Found(Vec<Reason>),
    /// It failed, or found something of no form of ours
    Failed,
    /// It alone took more than the limits allow
    TookTooMuch,
}

/// A rule about the intent, and what it said.
#[derive(Clone, Debug)]
pub struct RuleTrace<'a> {
    /// The rule
    pub rule: &'a Rule,
    /// What it said
    pub outcome: RuleOutcome,
}

/// Ask every rule that is about the input's intent alone. [`decide`](super::decide) asks them together.
#[must_use]
pub fn trace<'a>(program: &'a Program, input: &Input, limits: Limits) -> Vec<RuleTrace<'a>> {
    let Some(machine) = program.singles() else {
        return Vec::new();
    };
    let document = to_engine(input.value());
    let rules = program.rules().iter().enumerate();
    rules
        .filter(|(_, rule)| rule.intents.has(input.intent()))
        .map(|(number, rule)| {
            let outcome = if rule.scope.has(input.subject()) {
                let found = machine.run(&single_entry(number), document.clone(), limits);
                outcome(rule, input, found)
            } else {
                RuleOutcome::OutOfScope
            };
            RuleTrace { rule, outcome }
        })
        .collect()
}

fn outcome(rule: &Rule, input: &Input, found: Result<Found, Failure>) -> RuleOutcome {
    let items: Vec<Found> = match found {
        Err(Failure::Limit) => return RuleOutcome::TookTooMuch,
        Err(Failure::Error) => return RuleOutcome::Failed,
        Ok(Found::Set(items)) => items.iter().cloned().collect(),
        Ok(_) => Vec::new(),
    };
    match (rule.effect, items.is_empty()) {
        (Effect::Allow, true) => return RuleOutcome::DoesNotHold,
        (Effect::Allow, false) => return RuleOutcome::Holds,
        (Effect::Deny, true) => return RuleOutcome::FoundNothing,
        (Effect::Deny, false) => {}
    }
    let reasons: Option<Vec<Reason>> = items
        .iter()
        .map(|item| reason(rule, &from_engine(item)?, input))
        .collect();
    reasons.map_or(RuleOutcome::Failed, RuleOutcome::Found)
}
