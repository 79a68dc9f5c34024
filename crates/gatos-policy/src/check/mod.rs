//! Whether modules keep to the profile, and what their rules are. `docs/spec/policy.md#profile`.

mod calls;
mod conflict;
mod growth;
mod names;
mod read;
mod single;
mod walk;

use std::collections::BTreeMap;

use crate::annotation::{Annotation, blocks};
use crate::diagnostic::Diagnostics;
use crate::format::{Comment, comments};
use crate::module::Module;
use crate::program::Effect;

pub(crate) use self::calls::BUILTINS;
pub(crate) use self::names::head_name;
pub(crate) use self::read::{Parsed, read};

/// Most modules of a policy.
pub(crate) const MAX_MODULES: usize = 64;
/// Most decision rules of a policy.
pub(crate) const MAX_RULES: usize = 1000;

/// A definition of `allow` or `deny`, where it stands, and what is said of it.
#[derive(Clone, Debug)]
pub(crate) struct Decider {
    /// Index of its module
    pub(crate) module: usize,
    /// Its package
    pub(crate) package: String,
    /// Which of the two
    pub(crate) effect: Effect,
    /// Whether it gives a set of findings, not a boolean
    pub(crate) is_set: bool,
    /// Offset of its name in the module's text
    pub(crate) start: usize,
}

/// The modules of a policy as the engine's parser reads them, and their decision rules in order.
pub(crate) struct Checked {
    pub(crate) modules: Vec<Parsed>,
    pub(crate) deciders: Vec<Decider>,
}

/// Read `modules` and check everything but metadata.
pub(crate) fn check(modules: &[Module]) -> Result<Checked, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut parsed = Vec::new();
    for module in modules {
        match read(module) {
            Ok(one) => parsed.push(one),
            Err(mut found) => diagnostics.list.append(&mut found.list),
        }
    }
    diagnostics.into_result()?;
    let mut diagnostics = Diagnostics::default();
    let names = names::Names::collect(&parsed, &mut diagnostics);
    for module in &parsed {
        walk::walk(module, &names, &mut diagnostics);
    }
    diagnostics.into_result()?;
    let mut diagnostics = Diagnostics::default();
    growth::check(&parsed, &names, &mut diagnostics);
    conflict::check(&parsed, &mut diagnostics);
    for module in &parsed {
        single::check(module, &names, &mut diagnostics);
    }
    let deciders = names::deciders(&parsed, &mut diagnostics);
    diagnostics.into_result()?;
    Ok(Checked {
        modules: parsed,
        deciders,
    })
}

/// The metadata of every decision rule, in order.
pub(crate) fn annotations(checked: &Checked) -> Result<Vec<Annotation>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut found = Vec::new();
    for (index, module) in checked.modules.iter().enumerate() {
        let comments: Vec<Comment<'_>> = comments(&module.text, &module.tokens());
        let mut by_line: BTreeMap<u32, _> = blocks(&comments)
            .into_iter()
            .map(|block| (block.rule_line, block))
            .collect();
        let (name, text) = (module.name.as_str(), module.text.as_str());
        for decider in checked.deciders.iter().filter(|d| d.module == index) {
            let at = module.at(decider.start, decider.effect.as_str().len());
            let line = module.line_of(decider.start);
            match by_line.remove(&line) {
                Some(block) => found.extend(block.read(name, text, &mut diagnostics)),
                None => diagnostics.add_with_help(
                    at,
                    "no-metadata",
                    (
                        "this rule has no metadata",
                        "write a comment directly before it: `# METADATA`, `# title: …`, \
                         `# custom:`, and indented `id`, `adr`, `message`, `severity`, `intent`",
                    ),
                ),
            }
        }
        for block in by_line.values() {
            let at = block.at(name, text);
            let message = "this metadata does not stand directly before an `allow` or `deny` rule";
            diagnostics.add(at, "metadata", message);
        }
    }
    check_annotations(checked, &found, &mut diagnostics);
    diagnostics.into_result()?;
    Ok(found)
}

/// What must hold of all metadata together.
pub(crate) fn check_annotations(
    checked: &Checked,
    found: &[Annotation],
    diagnostics: &mut Diagnostics,
) {
    if found.len() != checked.deciders.len() {
        return;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, (annotation, decider)) in found.iter().zip(&checked.deciders).enumerate() {
        let Some(module) = checked.modules.get(decider.module) else {
            continue;
        };
        let at = module.at(decider.start, decider.effect.as_str().len());
        if seen.insert(&annotation.id, index).is_some() {
            let message = format!("another rule has the id `{}`", annotation.id);
            diagnostics.add(at, "duplicate-id", message);
        }
        let warns = annotation.severity == crate::Severity::Warning;
        if warns && decider.effect == Effect::Allow {
            let message =
                "an `allow` rule has the severity `error`: what it does not allow is denied";
            let help =
                "write what should only be pointed out as a `deny` rule of severity `warning`";
            diagnostics.add_with_help(at, "severity", (message, help));
        }
    }
}
