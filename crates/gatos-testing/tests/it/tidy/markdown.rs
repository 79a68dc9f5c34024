//! Rules about documents: one title each, and none too long to be read.

use super::tree::{File, Tree};

/// Longest documents, where one is promised.
const MAX_LINES: [(&str, usize); 3] = [
    ("README.md", 100),
    ("docs/architecture.md", 400),
    ("docs/style.md", 200),
];

pub(super) fn titles(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tree.with_ending(".md") {
        let count = prose(file)
            .filter(|(_, line)| line.starts_with("# "))
            .count();
        if count != 1 {
            findings.push(format!("{}: {count} titles", file.path));
        }
    }
    findings
}

pub(super) fn lengths(tree: &Tree) -> Vec<String> {
    let too_long = |(path, max): &(&str, usize)| {
        let lines = tree.text(path).lines().count();
        (lines > *max).then(|| format!("{path}: {lines} lines are more than {max}"))
    };
    MAX_LINES.iter().filter_map(too_long).collect()
}

/// Numbered lines outside of fenced blocks.
pub(crate) fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    file.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        if fence {
            fenced = !fenced;
        }
        !fence && !fenced
    })
}
