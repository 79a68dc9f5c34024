//! Generated policies and inputs, and an evaluator of forty lines that says what they mean.

use std::collections::BTreeSet;

use gatos_policy::{Decision, Input, Intent, Limits, Program, Verdict, decide};

use super::lab::{Dice, Rule, input, policy};

const TYPES: [&str; 4] = ["a", "b", "ab", ""];
const JOURNALS: [&str; 4] = ["plan/x", "plan/x/y", "notes", "plan"];
const SCOPES: [Option<&str>; 4] = [None, Some("plan/**"), Some("plan/x"), Some("notes")];
const WORDS: [&str; 3] = ["red", "green", "blue"];

/// A condition, as we mean it and as Rego says it.
#[derive(Clone, Debug)]
enum Condition {
    TypeIs(&'static str),
    TypeIsNot(&'static str),
    NumberAbove(u64),
    SumAbove(u64),
    HasWord(&'static str),
    LacksWord(&'static str),
    EveryWordLonger(u64),
    CountOfWords(u64),
    Missing,
    NotMissing,
    Helper(Box<Self>, Box<Self>),
    Both(Box<Self>, Box<Self>),
}

/// What is asked for.
pub(crate) struct Request {
    kind: &'static str,
    journal: &'static str,
    number: Option<u64>,
    words: Vec<&'static str>,
}

impl Request {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let words = (0..dice.below(4)).map(|_| dice.choose(&WORDS)).collect();
        Self {
            kind: dice.choose(&TYPES),
            journal: dice.choose(&JOURNALS),
            number: (dice.below(3) > 0).then(|| dice.below(10)),
            words,
        }
    }

    pub(crate) fn input(&self) -> Input {
        let number = self
            .number
            .map(|n| format!(r#""n": {n}, "#))
            .unwrap_or_default();
        let words: Vec<String> = self.words.iter().map(|w| format!("\"{w}\"")).collect();
        let fields = format!(
            r#"{{"type": "{}", "journal": "{}", "payload": {{{number}"words": [{}]}}}}"#,
            self.kind,
            self.journal,
            words.join(",")
        );
        input(Intent::EventAppend, &fields)
    }
}

impl Condition {
    fn random(dice: &mut Dice, depth: u32) -> Self {
        let kinds = if depth == 0 { 10 } else { 12 };
        let inner = |dice: &mut Dice| Box::new(Self::random(dice, depth - 1));
        match dice.below(kinds) {
            0 => Self::TypeIs(dice.choose(&TYPES)),
            1 => Self::TypeIsNot(dice.choose(&TYPES)),
            2 => Self::NumberAbove(dice.below(8)),
            3 => Self::SumAbove(dice.below(12)),
            4 => Self::HasWord(dice.choose(&WORDS)),
            5 => Self::LacksWord(dice.choose(&WORDS)),
            6 => Self::EveryWordLonger(dice.below(6)),
            7 => Self::CountOfWords(dice.below(4)),
            8 => Self::Missing,
            9 => Self::NotMissing,
            10 => Self::Helper(inner(dice), inner(dice)),
            _ => Self::Both(inner(dice), inner(dice)),
        }
    }

    /// A number that is not there is undefined, and what is undefined does not hold.
    fn holds(&self, request: &Request) -> bool {
        let has = |word: &str| request.words.contains(&word);
        match self {
            Self::TypeIs(kind) => request.kind == *kind,
            Self::TypeIsNot(kind) => request.kind != *kind,
            Self::NumberAbove(bound) => request.number.is_some_and(|n| n > *bound),
            Self::SumAbove(bound) => request.number.is_some_and(|n| n * 2 + 1 > *bound),
            Self::HasWord(word) => has(word),
            Self::LacksWord(word) => !has(word),
            Self::EveryWordLonger(n) => request.words.iter().all(|w| w.len() as u64 > *n),
            Self::CountOfWords(n) => {
                request.words.iter().collect::<BTreeSet<_>>().len() as u64 == *n
            }
            Self::Missing => request.number.is_none(),
            Self::NotMissing => request.number.is_some(),
            Self::Helper(a, b) => a.holds(request) || b.holds(request),
            Self::Both(a, b) => a.holds(request) && b.holds(request),
        }
    }

    /// The statements, and the helpers that they need.
    fn rego(&self, helpers: &mut Vec<String>) -> String {
        match self {
            Self::TypeIs(kind) => format!("input.type == \"{kind}\""),
            Self::TypeIsNot(kind) => format!("input.type != \"{kind}\""),
            Self::NumberAbove(bound) => format!("input.payload.n > {bound}"),
            Self::SumAbove(bound) => format!("input.payload.n * 2 + 1 > {bound}"),
            Self::HasWord(word) => format!("\"{word}\" in input.payload.words"),
            Self::LacksWord(word) => format!("not \"{word}\" in input.payload.words"),
            Self::EveryWordLonger(n) => {
                format!("every word in input.payload.words {{\n\t\tcount(word) > {n}\n\t}}")
            }
            Self::CountOfWords(n) => {
                format!("count({{word | some word in input.payload.words}}) == {n}")
            }
            Self::Missing => "not input.payload.n".to_owned(),
            Self::NotMissing => "input.payload.n".to_owned(),
            Self::Both(a, b) => format!("{}\n\t{}", a.rego(helpers), b.rego(helpers)),
            Self::Helper(a, b) => {
                let (a, b) = (a.rego(helpers), b.rego(helpers));
                let name = format!("helper_{}", helpers.len());
                helpers.push(format!(
                    "\n{name} if {{\n\t{a}\n}}\n\n{name} if {{\n\t{b}\n}}\n"
                ));
                name
            }
        }
    }
}

/// A rule as we mean it.
pub(crate) struct Generated {
    denies: bool,
    warns: bool,
    scope: Option<&'static str>,
    condition: Condition,
}

fn in_scope(scope: Option<&str>, journal: &str) -> bool {
    match scope {
        None => true,
        Some(scope) => match scope.strip_suffix("**") {
            Some(prefix) => journal.starts_with(prefix),
            None => scope == journal,
        },
    }
}

/// The verdict, the rules of severity error that spoke, and those of severity warning.
fn expected(rules: &[Generated], request: &Request) -> (bool, BTreeSet<usize>, BTreeSet<usize>) {
    let about = |rule: &Generated| in_scope(rule.scope, request.journal);
    let spoke = |warns: bool| -> BTreeSet<usize> {
        let numbered = rules.iter().enumerate();
        numbered
            .filter(|(_, r)| r.denies && r.warns == warns && about(r) && r.condition.holds(request))
            .map(|(number, _)| number)
            .collect()
    };
    let tiers: BTreeSet<Option<&str>> = rules
        .iter()
        .filter(|r| !r.denies && about(r))
        .map(|r| r.scope)
        .collect();
    let met = tiers.iter().all(|tier| {
        let mut of_tier = rules.iter().filter(|r| !r.denies && r.scope == *tier);
        of_tier.any(|rule| rule.condition.holds(request))
    });
    let errors = spoke(false);
    let allowed = errors.is_empty() && met && !tiers.is_empty();
    (allowed, errors, spoke(true))
}

/// Rules as we mean them, and the policy that says them.
pub(crate) fn generate(dice: &mut Dice) -> (Vec<Generated>, Program) {
    let count = 1 + dice.below(6);
    let mut rules = Vec::new();
    let (mut parts, mut helpers) = (Vec::new(), Vec::new());
    for number in 0..count {
        let denies = dice.below(2) == 0;
        let rule = Generated {
            denies,
            warns: denies && dice.below(3) == 0,
            scope: dice.choose(&SCOPES),
            condition: Condition::random(dice, 2),
        };
        let id = format!("rule-{number}");
        let mut metadata = Rule::new(&id, "event.append");
        metadata.scope = rule.scope;
        if rule.warns {
            metadata = metadata.warning();
        }
        let head = if denies { "deny" } else { "allow" };
        let body = rule.condition.rego(&mut helpers);
        parts.push(metadata.text(&format!("{head} if {{\n\t{body}\n}}")));
        rules.push(rule);
    }
    parts.append(&mut helpers);
    let program = policy(&parts);
    (rules, program)
}

/// The engine decides as the rules are meant. What it decided.
pub(crate) fn agree(rules: &[Generated], program: &Program, request: &Request) -> Decision {
    let input = request.input();
    let decision = decide(program, &input, Limits::DEFAULT);
    let (allowed, errors, warnings) = expected(rules, request);
    let context = || {
        let text: String = program.modules().map(|(_, text)| text).collect();
        format!("{:?}\n{text}\n{decision:?}", input.value())
    };
    assert_eq!(decision.verdict == Verdict::Allow, allowed, "{}", context());
    let spoke: BTreeSet<String> = decision.reasons.iter().map(|r| r.rule.clone()).collect();
    for number in &errors {
        assert!(spoke.contains(&format!("rule-{number}")), "{}", context());
    }
    let warned: BTreeSet<String> = decision.warnings.iter().map(|r| r.rule.clone()).collect();
    let wanted: BTreeSet<String> = warnings.iter().map(|n| format!("rule-{n}")).collect();
    assert_eq!(warned, wanted, "{}", context());
    decision
}
