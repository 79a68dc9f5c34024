//! Rules about nouns: what code, commands and refs are called is in the documents that explain it.

use std::collections::BTreeSet;

use super::tree::{File, Tree};

const GLOSSARY: &str = "docs/glossary.md";
const ARCHITECTURE: &str = "docs/architecture.md";
const PROFILE_PAGE: &str = "docs/spec/profile.md";

/// Crates, commands, statement types, ids and refs are in the glossary, in backticks.
pub(super) fn glossary(tree: &Tree) -> Vec<String> {
    let words = quoted(tree.text(GLOSSARY));
    let mut wanted = crates(tree);
    wanted.extend(commands(tree));
    wanted.extend(types(tree));
    let missing = wanted.iter().filter(|noun| !words.contains(noun.as_str()));
    let mut findings: Vec<String> = missing.map(|noun| format!("`{noun}` is missing")).collect();
    let refs = refs(tree).into_iter();
    let unknown = refs.filter(|prefix| !words.iter().any(|word| word.starts_with(prefix.as_str())));
    findings.extend(unknown.map(|prefix| format!("no ref below `{prefix}`")));
    findings
}

/// Every public trait is listed, because each is a seam.
pub(super) fn traits(tree: &Tree) -> Vec<String> {
    let words = quoted(tree.text(ARCHITECTURE));
    let declared = sources(tree).flat_map(|file| {
        let names = after(&file.text, "pub trait ");
        names.map(move |name| (file, name))
    });
    declared
        .filter(|(_, name)| !words.contains(*name))
        .map(|(file, name)| format!("{}: `{name}` is not in {ARCHITECTURE}", file.path))
        .collect()
}

/// Every key of the profiles that come with the program is explained.
pub(super) fn profile_keys(tree: &Tree) -> Vec<String> {
    let words = quoted(tree.text(PROFILE_PAGE));
    let profiles = tree.files.iter().filter(|file| {
        file.path.starts_with("crates/")
            && file.folder().ends_with("/profiles")
            && file.path.ends_with(".toml")
    });
    let keys = profiles.flat_map(|file| {
        let lines = file.text.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| Some(line.split_once('=')?.0.trim()))
    });
    let missing: BTreeSet<&str> = keys.filter(|key| !words.contains(*key)).collect();
    missing
        .into_iter()
        .map(|key| format!("`{key}` is not in {PROFILE_PAGE}"))
        .collect()
}

fn crates(tree: &Tree) -> BTreeSet<String> {
    let manifests = tree
        .below("crates/")
        .filter(|file| file.path.matches('/').count() == 2 && file.path.ends_with("/Cargo.toml"));
    manifests
        .filter_map(|file| Some(file.folder().rsplit_once('/')?.1.to_owned()))
        .collect()
}

/// `gatos …` of every file and folder of commands.
fn commands(tree: &Tree) -> BTreeSet<String> {
    let folder = "crates/git-gatos/src/commands/";
    let command = |file: &File| {
        let words = file.path.strip_prefix(folder)?.strip_suffix(".rs")?;
        let words = words.trim_end_matches("mod").trim_end_matches('/');
        let typed = words.replace('/', " ").replace('_', "-");
        // What packagers call is hidden from everybody else.
        (!typed.is_empty() && !typed.starts_with("generate")).then(|| format!("gatos {typed}"))
    };
    tree.below(folder).filter_map(command).collect()
}

/// Statements, and the ids that one macro declares.
fn types(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in sources(tree) {
        found.extend(after(&file.text, "impl Statement for ").map(str::to_owned));
        found.extend(in_macro(&file.text, "id! {"));
        found.extend(in_macro(&file.text, "name! {"));
    }
    found
}

/// The names that stand on lines of their own between `opening` and `}`.
fn in_macro(text: &str, opening: &str) -> BTreeSet<String> {
    let opening = format!("\n{opening}\n");
    let bodies = text.split(opening.as_str()).skip(1);
    let lines = bodies.flat_map(|body| body.split("\n}").next().unwrap_or_default().lines());
    let name = |line: &str| {
        let word = line.trim().split([';', ',']).next()?;
        let is_name = word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric());
        is_name.then(|| word.to_owned())
    };
    lines.filter_map(name).collect()
}

/// The prefixes of refs that the code writes or reads.
fn refs(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in sources(tree) {
        for rest in file.text.split("\"refs/gatos/").skip(1) {
            let name = rest.split(['"', '{']).next().unwrap_or_default();
            if !name.is_empty() && !is_test(&file.path) {
                found.insert(format!("refs/gatos/{name}"));
            }
        }
    }
    found
}

fn sources(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.with_ending(".rs")
        .filter(|file| file.path.contains("/src/") && !is_test(&file.path))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("crates/gatos-git/")
}

/// The words that follow each `before` at the beginning of a line.
fn after<'t>(text: &'t str, before: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let rest = line.strip_prefix(before)?;
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
    })
}

/// What stands in backticks.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}
