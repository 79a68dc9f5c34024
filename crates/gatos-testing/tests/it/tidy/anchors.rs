//! Rules about references: what code and documents cite exists, down to the anchor.

use std::collections::BTreeSet;

use super::markdown::prose;
use super::tree::{File, Tree};

/// Mentions of `docs/…​.md`, and of `spec/….md` in `//=` comments, in anything.
pub(super) fn mentions(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for path in cited(line) {
                if let Some(why) = broken(tree, &path) {
                    findings.push(format!("{}:{number}: `{path}`: {why}", file.path));
                }
            }
        }
    }
    findings
}

/// Relative links in Markdown.
pub(super) fn links(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tree.with_ending(".md") {
        for (number, line) in prose(file) {
            for target in targets(line) {
                let path = resolve(file, target);
                if let Some(why) = broken(tree, &path) {
                    findings.push(format!("{}:{number}: `{target}`: {why}", file.path));
                }
            }
        }
    }
    findings
}

/// The documents that a line cites, from the root.
fn cited(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && !"/._-#".contains(c));
    let requirement = line.trim_start().starts_with("//= spec/");
    for word in words {
        let (path, _) = word.split_once('#').unwrap_or((word, ""));
        if !path.ends_with(".md") {
            continue;
        }
        let word = word.trim_end_matches('.');
        // `docs/adr/` is where the policies of users have their decision records, in examples.
        if path.starts_with("docs/") && !path.starts_with("docs/adr/") {
            found.push(word.to_owned());
        } else if requirement && path.starts_with("spec/") {
            found.push(format!("docs/{word}"));
        }
    }
    found
}

/// The targets of links in a line, without those that leave the checkout.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let after = line.split("](").skip(1);
    after
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// A link's target from the root.
fn resolve(file: &File, target: &str) -> String {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let mut levels: Vec<&str> = if path.is_empty() {
        file.path.split('/').collect()
    } else {
        let folder = file.folder().split('/').filter(|level| !level.is_empty());
        folder.chain(path.split('/')).collect()
    };
    let mut at = 0;
    while at < levels.len() {
        match levels[at] {
            "." | "" => drop(levels.remove(at)),
            ".." if at > 0 => {
                levels.drain(at - 1..=at);
                at -= 1;
            }
            _ => at += 1,
        }
    }
    let path = levels.join("/");
    if anchor.is_empty() {
        path
    } else {
        format!("{path}#{anchor}")
    }
}

/// Why a reference from the root leads nowhere.
fn broken(tree: &Tree, reference: &str) -> Option<String> {
    let (path, anchor) = reference.split_once('#').unwrap_or((reference, ""));
    let folder = format!("{}/", path.trim_end_matches('/'));
    match tree.find(path) {
        None if tree.below(&folder).next().is_some() => None,
        None => Some("there is no such file".to_owned()),
        Some(file) if anchor.is_empty() || anchors(file).contains(anchor) => None,
        Some(_) => Some(format!("it has no anchor `{anchor}`")),
    }
}

/// The anchors of a document: `<a id="…">`, and what its headings become.
fn anchors(file: &File) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(file) {
        let ids = line.split("<a id=\"").skip(1);
        found.extend(
            ids.filter_map(|rest| rest.split_once('"'))
                .map(|(id, _)| id.to_owned()),
        );
        if line.starts_with('#') {
            found.insert(slug(line.trim_start_matches('#').trim()));
        }
    }
    found
}

fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| {
        if c == ' ' {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    })
    .collect()
}
