//! One place verifies signatures, and it verifies strictly: read off the source of every crate.

use std::path::{Path, PathBuf};

/// What only `gatos-core/src/keys` may name.
const CRYPTOGRAPHY: &[&str] = &["ed25519_dalek", "curve25519_dalek", "ssh_key::"];
/// What no file may name: verification that is not strict, or not of one signature.
const FORBIDDEN: &[&str] = &[
    "verify_batch",
    "verify_prehashed",
    "verify_stream",
    "legacy_compatibility",
    "signature::Verifier",
    "less-strict-decoding",
    "ed25519_consensus",
    "ed25519_zebra",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !["fuzz", "target", "tests"].contains(&name.as_str()) {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "toml") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// What is wrong with a file, by its path and text.
fn faults(path: &str, text: &str) -> Vec<String> {
    let keys = path.contains("gatos-core/src/keys/");
    let manifest = path.ends_with(".toml");
    let mut faults = Vec::new();
    for word in CRYPTOGRAPHY {
        if text.contains(word) && !keys {
            faults.push(format!("{path} names {word}"));
        }
    }
    for word in FORBIDDEN {
        if text.contains(word) {
            faults.push(format!("{path} names {word}"));
        }
    }
    let strict = text.matches(".verify_strict(").count();
    let allowed = usize::from(path.ends_with("gatos-core/src/keys/signature.rs"));
    if strict != allowed && !manifest {
        faults.push(format!("{path} calls verify_strict {strict} times"));
    }
    faults
}

#[test]
fn signatures_are_verified_in_one_place() {
    let mut files = Vec::new();
    sources(&crate::manifest().join(".."), &mut files);
    assert!(files.len() > 50);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let path = file.to_str().unwrap();
        assert_eq!(faults(path, &text), Vec::<String>::new());
    }
}

#[test]
fn a_second_place_would_be_noticed() {
    let lax = "use ed25519_dalek::Verifier;\nkey.verify(message, &signature)";
    assert_eq!(faults("crates/gatos/src/lib.rs", lax).len(), 1);
    let again = "point.verify_strict(message, &signature)";
    assert_eq!(
        faults("crates/gatos-core/src/keys/known.rs", again).len(),
        1
    );
    assert_eq!(
        faults("crates/gatos-core/src/keys/signature.rs", "").len(),
        1
    );
}
