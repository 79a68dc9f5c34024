//! What reviewers would otherwise repeat: names, first lines, anchors, nouns, and how large files are.
//!
//! Every rule is a function from files to findings; `mutations.rs` shows that each can fail.

mod anchors;
mod markdown;
mod mutations;
mod nouns;
mod sources;
mod tree;

pub(crate) use self::markdown::prose;
pub(crate) use self::tree::{File, Tree};

/// A rule over all files: one line for each place where it is broken.
type Rule = fn(&Tree) -> Vec<String>;

fn check(rule: Rule) {
    let findings = rule(Tree::checkout());
    assert!(
        findings.is_empty(),
        "{} finding(s)\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

#[test]
fn every_source_begins_with_what_it_is() {
    check(sources::first_lines);
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    check(sources::names);
}

#[test]
fn no_source_is_forgotten() {
    check(sources::forgotten);
}

#[test]
fn nothing_is_left_to_do_without_a_place_that_tracks_it() {
    check(sources::unfinished);
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    check(sources::machine_paths);
}

#[test]
fn every_crate_takes_the_lints_and_has_a_test() {
    check(sources::crates);
}

#[test]
fn every_mention_of_a_document_resolves() {
    check(anchors::mentions);
}

#[test]
fn every_link_between_documents_resolves() {
    check(anchors::links);
}

#[test]
fn every_document_has_one_title() {
    check(markdown::titles);
}

#[test]
fn no_document_is_too_long() {
    check(markdown::lengths);
}

#[test]
fn the_glossary_has_every_noun() {
    check(nouns::glossary);
}

#[test]
fn the_architecture_lists_every_public_trait() {
    check(nouns::traits);
}

#[test]
fn the_profile_page_has_every_key() {
    check(nouns::profile_keys);
}

/// Measured, never a failure: a large file is worth a second look.
#[test]
fn the_ten_largest_sources() {
    let mut sizes: Vec<(usize, &str)> = Tree::checkout()
        .with_ending(".rs")
        .filter(|file| !file.path.contains("/tests/"))
        .map(|file| (file.text.lines().count(), file.path.as_str()))
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    for (lines, path) in sizes.iter().take(10) {
        eprintln!("{lines:>5} lines  {path}");
    }
}
