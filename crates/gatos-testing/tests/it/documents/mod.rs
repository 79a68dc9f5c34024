//! What documents show is so: programs in them are run, and commands in them exist.

mod proofs;

use std::fs;
use std::path::Path;

/// The text of a document, by its path from the root.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of a document whose first line is this.
fn blocks<'t>(text: &'t str, fence: &str) -> Vec<&'t str> {
    let opening = format!("\n{fence}\n");
    let after: Vec<_> = text.match_indices(&opening).collect();
    let block = |(at, _): (usize, &str)| {
        let rest = &text[at + opening.len()..];
        let end = rest.find("\n```").expect("a fence that ends");
        &rest[..=end]
    };
    after.into_iter().map(block).collect()
}
