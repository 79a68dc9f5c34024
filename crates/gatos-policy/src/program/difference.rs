//! What is different between two compiled policies, rule by rule.

use std::collections::BTreeMap;

use super::{Program, Rule};

/// One difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// A rule that was not there before
    Added(Rule),
    /// A rule that is no longer there
    Removed(Rule),
    /// A rule of which these fields changed: what it was, what it is
    Changed {
        /// Before
        before: Box<Rule>,
        /// After
        after: Box<Rule>,
        /// Names of the fields
        fields: Vec<&'static str>,
    },
    /// A module whose text changed, line by line: `-` was, `+` is
    Text {
        /// The module
        module: String,
        /// The lines
        lines: Vec<String>,
    },
}

/// What is different in `after`; empty exactly if the roots are equal.
#[must_use]
pub fn differences(before: &Program, after: &Program) -> Vec<Change> {
    let rules = |program: &Program| -> BTreeMap<String, Rule> {
        let rules = program.rules().iter();
        rules.map(|rule| (rule.id.clone(), rule.clone())).collect()
    };
    let (old, new) = (rules(before), rules(after));
    let mut changes = Vec::new();
    for (id, rule) in &old {
        match new.get(id) {
            None => changes.push(Change::Removed(rule.clone())),
            Some(other) if other != rule => changes.push(Change::Changed {
                before: Box::new(rule.clone()),
                after: Box::new(other.clone()),
                fields: fields(rule, other),
            }),
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(*id));
    changes.extend(added.map(|(_, rule)| Change::Added(rule.clone())));
    changes.extend(texts(before, after));
    changes
}

fn fields(a: &Rule, b: &Rule) -> Vec<&'static str> {
    let pairs = [
        ("title", a.title != b.title),
        ("adr", a.adr != b.adr),
        ("message", a.message != b.message),
        ("severity", a.severity != b.severity),
        ("effect", a.effect != b.effect),
        ("intent", a.intents != b.intents),
        ("scope", a.scope != b.scope),
        ("module", a.module != b.module),
    ];
    let changed = pairs.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(name, _)| name).collect()
}

fn texts(before: &Program, after: &Program) -> Vec<Change> {
    let old: BTreeMap<&str, &str> = before.modules().collect();
    let new: BTreeMap<&str, &str> = after.modules().collect();
    let mut names: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let changed = names.into_iter().filter_map(|name| {
        let (a, b) = (old.get(name), new.get(name));
        let lines = lines(a.copied().unwrap_or(""), b.copied().unwrap_or(""));
        let module = name.to_owned();
        (a != b).then_some(Change::Text { module, lines })
    });
    changed.collect()
}

/// Lines that are in one of the texts only: the common beginning and end are left out.
fn lines(a: &str, b: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let begin = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(begin..).unwrap_or_default(),
        b.get(begin..).unwrap_or_default(),
    );
    let backwards = a.iter().rev().zip(b.iter().rev());
    let end = backwards.take_while(|(x, y)| x == y).count();
    let keep = |lines: &[&str]| lines.len().saturating_sub(end);
    let removed = a.iter().take(keep(a)).map(|line| format!("- {line}"));
    let added = b.iter().take(keep(b)).map(|line| format!("+ {line}"));
    removed.chain(added).collect()
}
