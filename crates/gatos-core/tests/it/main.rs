//! Tests of the crate through its public interface, against vectors and other implementations.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests read vectors, start oracles of other languages, say what they left out, and hold tables"
)]

mod conformance;
mod decimals;
mod echolua;
mod envelopes;
mod history;
mod ipld;
mod keys;
mod laws;
mod limits;
mod mutation;
mod negatives;
mod oracles;
mod purity;
mod python;
mod roundtrip;
mod signatures;
mod state;
mod statements;
mod vectors;

use std::path::PathBuf;

/// Every file in this folder is a module of this binary.
#[test]
fn no_test_file_is_forgotten() {
    let folder = manifest().join("tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.strip_suffix(".rs").unwrap_or(&name);
        let declared = main.contains(&format!("\nmod {module};\n"));
        assert!(
            module == "main" || declared,
            "tests/it/main.rs lacks `mod {module};`"
        );
    }
}

fn manifest() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of vectors that others wrote; absent on most machines, which is said.
fn foreign_vectors(name: &str) -> Option<PathBuf> {
    let beside = manifest().join("../../../shared/vectors");
    let folder = std::env::var_os("GATOS_SHARED_VECTORS").map_or(beside, PathBuf::from);
    // A checkout may lie one folder deeper than the vectors expect.
    let candidates = [
        folder.clone(),
        manifest().join("../../../../shared/vectors"),
    ];
    let found = candidates
        .into_iter()
        .map(|f| f.join(name))
        .find(|f| f.exists());
    if found.is_none() {
        println!(
            "NOT RUN: no vectors at `{}` (set GATOS_SHARED_VECTORS to their folder)",
            folder.join(name).display()
        );
    }
    found
}
