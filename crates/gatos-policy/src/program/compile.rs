//! From modules to a program.

use std::collections::BTreeSet;

use super::entry::{entries, entry_module, renamed, single_entry, single_module};
use super::{Effect, Program, Rule, Text};
use crate::annotation::{Annotation, Severity};
use crate::check::{Checked, MAX_MODULES, annotations, check};
use crate::diagnostic::{At, Diagnostics};
use crate::engine::{Machine, Source, located};
use crate::format::normalised;
use crate::module::Module;

/// Compile the modules of a policy. Their order does not matter; tests (`*_test.rgs`) are not rules and
/// must not be among them.
///
/// # Errors
/// Everything that is wrong, each with its place and, where there is one, what to write instead.
pub fn compile(modules: &[Module]) -> Result<Program, Diagnostics> {
    let mut modules = modules.to_vec();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    check_names(&modules)?;
    let checked = check(&modules)?;
    let annotations = annotations(&checked)?;
    // The engine's own complaints are about the text as it was written.
    let written = sources(&checked);
    let rules = rules(&checked, annotations);
    if rules.is_empty() && !modules.is_empty() {
        let mut diagnostics = Diagnostics::default();
        if let Some(module) = checked.modules.first() {
            let message = "there is no `allow` and no `deny` rule";
            let help = "a policy without rules is one without modules";
            diagnostics.add_with_help(module.at(0, 1), "no-rules", (message, help));
        }
        diagnostics.into_result()?;
    }
    build(&rules, &checked, written).map_err(|error| complaint(&checked, &error))?;
    let texts: Vec<Text> = checked
        .modules
        .iter()
        .map(|module| Text {
            name: module.name.clone(),
            text: normalised(&module.text, &module.tokens()),
        })
        .collect();
    link(texts, rules)
}

/// The texts that the engine gets for `modules`, with lines as they were written: for tests.
pub(crate) fn engine_sources(modules: &[Module]) -> Result<Vec<Source>, Diagnostics> {
    let mut modules = modules.to_vec();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    let checked = check(&modules)?;
    let rules = rules(&checked, annotations(&checked)?);
    let mut sources = sources(&checked);
    sources.push(entry_module(&rules, &checked.deciders));
    Ok(sources)
}

/// Make a program of normalised modules and their rules.
pub(super) fn link(texts: Vec<Text>, rules: Vec<Rule>) -> Result<Program, Diagnostics> {
    let modules: Vec<Module> = texts
        .iter()
        .map(|text| Module::new(text.name.clone(), text.text.clone()))
        .collect();
    let checked = check(&modules)?;
    if !is_coherent(&rules, &checked) {
        let mut diagnostics = Diagnostics::default();
        let at = checked.modules.first().map(|module| module.at(0, 1));
        let message = "the list of rules and the texts do not belong together";
        at.into_iter()
            .for_each(|at| diagnostics.add(at, "incoherent", message));
        return Err(diagnostics);
    }
    let machine =
        build(&rules, &checked, sources(&checked)).map_err(|error| complaint(&checked, &error))?;
    Ok(Program::assemble(texts, rules, machine))
}

/// A machine with an entry for each rule.
pub(super) fn singles(texts: &[Text], rules: &[Rule]) -> Option<Machine> {
    let modules: Vec<Module> = texts
        .iter()
        .map(|text| Module::new(text.name.clone(), text.text.clone()))
        .collect();
    let checked = check(&modules).ok()?;
    let mut sources = sources(&checked);
    sources.push(single_module(&checked.deciders));
    let entries: Vec<String> = (0..rules.len()).map(single_entry).collect();
    Machine::compile(&sources, &entries).ok()
}

/// Whether `rules` describe the decision rules of the modules, one by one, whose texts are normalised.
fn is_coherent(rules: &[Rule], checked: &Checked) -> bool {
    let deciders = &checked.deciders;
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let paired = rules.iter().zip(deciders).all(|(rule, decider)| {
        let module = checked.modules.get(decider.module);
        rule.effect == decider.effect
            && module.is_some_and(|module| module.name == rule.module)
            && (rule.effect == Effect::Deny || rule.severity == Severity::Error)
    });
    let texts = checked.modules.iter();
    rules.len() == deciders.len()
        && ids.len() == rules.len()
        && paired
        && texts
            .map(|module| (normalised(&module.text, &module.tokens()), &module.text))
            .all(|(normal, text)| normal == *text)
}

fn check_names(modules: &[Module]) -> Result<(), Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut seen = BTreeSet::new();
    for module in modules {
        let at = At::line(&module.name, &module.text, 1, 1);
        if !is_module_name(&module.name) {
            let message =
                "a module's name is a relative path of `a-z`, `0-9`, `.`, `_`, `-` and `/`";
            diagnostics.add(at, "module-name", message);
        }
        if module.name.ends_with("_test.rgs") {
            diagnostics.add(at, "module-name", "tests are not part of a policy");
        }
        if !seen.insert(&module.name) {
            diagnostics.add(at, "module-name", "two modules have this name");
        }
    }
    if modules.len() > MAX_MODULES
        && let Some(module) = modules.last()
    {
        let at = At::line(&module.name, &module.text, 1, 1);
        let message = format!("a policy has at most {MAX_MODULES} modules");
        diagnostics.add(at, "size", message);
    }
    diagnostics.into_result()
}

/// Whether `name` may be the name of a module.
pub(super) fn is_module_name(name: &str) -> bool {
    let char = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/')
    };
    (1..=120).contains(&name.len())
        && name.chars().all(char)
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn rules(checked: &Checked, annotations: Vec<Annotation>) -> Vec<Rule> {
    let deciders = checked.deciders.iter().zip(annotations);
    deciders
        .map(|(decider, annotation)| {
            let module = checked.modules.get(decider.module);
            Rule {
                id: annotation.id,
                title: annotation.title,
                adr: annotation.adr,
                message: annotation.message,
                severity: annotation.severity,
                effect: decider.effect,
                intents: annotation.intents,
                scope: annotation.scope,
                module: module.map(|m| m.name.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

fn sources(checked: &Checked) -> Vec<Source> {
    checked
        .modules
        .iter()
        .enumerate()
        .map(|(index, module)| Source {
            name: module.name.clone(),
            text: renamed(module, index, &checked.deciders),
        })
        .collect()
}

fn build(rules: &[Rule], checked: &Checked, sources: Vec<Source>) -> Result<Machine, String> {
    if rules.is_empty() {
        return Ok(Machine::default());
    }
    let mut sources = sources;
    sources.push(entry_module(rules, &checked.deciders));
    Machine::compile(&sources, &entries(rules))
}

/// The engine's complaint, at its place in the text.
fn complaint(checked: &Checked, error: &str) -> Diagnostics {
    let (line, column, message) = located(error);
    let named = checked
        .modules
        .iter()
        .find(|module| error.contains(&format!("--> {}:{line}:", module.name)));
    let mut diagnostics = Diagnostics::default();
    if let Some(module) = named.or(checked.modules.first()) {
        let at = At::line(&module.name, &module.text, line, column);
        diagnostics.add(at, "engine", message);
    }
    diagnostics
}
