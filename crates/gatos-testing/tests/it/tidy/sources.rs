//! Rules about source files: names, first lines, modules, leftovers.

use std::collections::BTreeSet;

use super::tree::{File, Tree};

/// Names that say nothing about what is in a file or folder.
const EMPTY_NAMES: [&str; 12] = [
    "base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "stuff", "types",
    "util", "utils",
];

/// Folders whose files are somebody else's, or are wrong on purpose.
const FOREIGN: [&str; 3] = ["/vectors/", "/data/", "/corpus/"];

pub(super) fn first_lines(tree: &Tree) -> Vec<String> {
    let bad = tree
        .with_ending(".rs")
        .filter(|file| !file.text.starts_with("//! "));
    bad.map(|file| format!("{}: the first line is not `//! …`", file.path))
        .collect()
}

pub(super) fn names(tree: &Tree) -> Vec<String> {
    let mut findings = BTreeSet::new();
    for file in own(tree).filter(|file| is_code(file)) {
        let folders = file.folder().split('/');
        for name in folders.chain([file.stem()]) {
            if EMPTY_NAMES.contains(&name) {
                findings.insert(format!("{}: `{name}` says nothing", file.path));
            }
        }
        // A second version beside the first; `co2` alone is a molecule.
        let first = file.path.replacen("2.", ".", 1);
        if file.stem().ends_with('2') && tree.find(&first).is_some() {
            findings.insert(format!("{}: a second version of {first}", file.path));
        }
    }
    findings.into_iter().collect()
}

/// Cargo compiles only what a parent names: anything else looks like a test and is none.
pub(super) fn forgotten(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tree.with_ending(".rs") {
        let Some((folder, module)) = place(file) else {
            continue;
        };
        let parents = ["mod.rs", "lib.rs", "main.rs"].map(|name| format!("{folder}/{name}"));
        let declared = parents
            .iter()
            .filter_map(|parent| tree.find(parent))
            .any(|parent| {
                parent.text.lines().any(|line| {
                    let line = line.trim_start().trim_start_matches("pub ");
                    let line = line.trim_start_matches("pub(crate) ");
                    line == format!("mod {module};")
                })
            });
        if !declared {
            findings.push(format!("{}: no `mod {module};` names it", file.path));
        }
    }
    findings
}

/// The folder whose `mod.rs`, `lib.rs` or `main.rs` must name a file, and the module's name.
fn place(file: &File) -> Option<(&str, &str)> {
    let inside = file.path.contains("/src/") || file.path.contains("/tests/it/");
    match file.stem() {
        "lib" | "main" => None,
        _ if !inside || file.path.contains("/bin/") || file.path.contains("/fuzz/") => None,
        "mod" => file.folder().rsplit_once('/'),
        stem => Some((file.folder(), stem)),
    }
}

pub(super) fn unfinished(tree: &Tree) -> Vec<String> {
    let words =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"]].map(|parts| parts.concat());
    let mut findings = Vec::new();
    for file in own(tree) {
        for (number, line) in file.lines() {
            let marked = line
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| words.iter().any(|marker| marker == word));
            if marked && !line.contains("docs/shortcomings.md#") {
                findings.push(format!(
                    "{}:{number}: name the section of docs/shortcomings.md that tracks it",
                    file.path
                ));
            }
        }
    }
    findings
}

pub(super) fn machine_paths(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in own(tree) {
        for (number, line) in file.lines() {
            if let Some(path) = machine_path(line) {
                findings.push(format!("{}:{number}: `{path}`", file.path));
            }
        }
    }
    findings
}

/// A path in somebody's home, or in a folder that only one machine has.
fn machine_path(line: &str) -> Option<&str> {
    let homes = ["/home/", "/Users/", "/root/", "/work/"].into_iter();
    homes.filter_map(|home| path_below(line, home)).next()
}

fn path_below<'l>(line: &'l str, home: &str) -> Option<&'l str> {
    for (at, _) in line.match_indices(home) {
        // `home/work/…` in the middle of a longer path is not at the root of a machine.
        let before = line[..at].chars().next_back();
        let rooted = before.is_none_or(|c| !c.is_alphanumeric() && !"/}$._~]-".contains(c));
        let rest = &line[at + home.len()..];
        let name: usize = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !".-_".contains(c))
            .unwrap_or(rest.len());
        let example = name <= 1 || matches!(&rest[..name], "me" | "alice" | "user" | "you");
        if rooted && !example {
            return Some(&line[at..at + home.len() + name]);
        }
    }
    None
}

pub(super) fn crates(tree: &Tree) -> Vec<String> {
    let manifests = tree
        .below("crates/")
        .filter(|file| file.path.matches('/').count() == 2 && file.path.ends_with("/Cargo.toml"));
    let mut findings = Vec::new();
    for manifest in manifests {
        let folder = format!("{}/", manifest.folder());
        if !manifest.text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{folder}: `[lints] workspace = true` is missing"));
        }
        let sources = || tree.below(&folder).filter(|f| f.path.ends_with(".rs"));
        if !sources().any(|file| file.text.contains("#[test]")) {
            findings.push(format!("{folder}: a crate is born with its tests"));
        }
        let root = sources()
            .filter(|file| file.path.matches('/').count() == 3)
            .find(|file| matches!(file.stem(), "lib" | "main"));
        let says = root.is_some_and(|file| {
            file.text.contains("clippy::arithmetic_side_effects")
                || file.text.contains("clippy::disallowed_methods")
        });
        if !says {
            findings.push(format!(
                "{folder}: its root says neither that it is pure nor what it touches"
            ));
        }
    }
    findings
}

/// Files that were written here.
fn own(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| {
        !FOREIGN.iter().any(|folder| file.path.contains(folder))
            && !file.path.contains("/evidence/")
            && !file.path.ends_with(".lock")
    })
}

fn is_code(file: &File) -> bool {
    [".rs", ".nix", ".py", ".sh", ".lua"]
        .iter()
        .any(|ending| file.path.ends_with(ending))
}
