//! Every document in `docs/cli`, replayed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::lab::{Lab, is_inside_a_nix_build};
use crate::replay::{follow, replay, type_blocks};

/// The documents that are replayed; `README.md` has no sessions.
const DOCUMENTS: [&str; 11] = [
    "beginning.md",
    "bisect.md",
    "daemon.md",
    "events.md",
    "experiments.md",
    "folds.md",
    "gate.md",
    "governance.md",
    "policy.md",
    "shell.md",
    "states.md",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli")
}

fn check(name: &str) {
    if let Err(wrong) = replay(&folder().join(name), &Lab::new()) {
        panic!("{wrong}\nif this is right, run it again with UPDATE_EXPECT=1");
    }
}

#[test]
fn beginning() {
    check("beginning.md");
}

#[test]
fn bisect() {
    check("bisect.md");
}

#[test]
fn events() {
    check("events.md");
}

#[test]
fn daemon() {
    let lab = Lab::new();
    lab.with_daemon();
    if let Err(wrong) = replay(&folder().join("daemon.md"), &lab) {
        panic!("{wrong}\nif this is right, run it again with UPDATE_EXPECT=1");
    }
}

#[test]
fn experiments() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    lab.with_packages();
    if let Err(wrong) = replay(&folder().join("experiments.md"), &lab) {
        panic!("{wrong}\nif this is right, run it again with UPDATE_EXPECT=1");
    }
}

#[test]
fn folds() {
    check("folds.md");
}

#[test]
fn states() {
    check("states.md");
}

#[test]
fn gate() {
    check("gate.md");
}

#[test]
fn governance() {
    check("governance.md");
}

#[test]
fn policy() {
    check("policy.md");
}

/// The example's own page shows what its script prints.
#[test]
fn adr_as_policy() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/adr-as-policy");
    let lab = Lab::new();
    lab.ok(&format!("cp -r '{}/.' .", example.display()));
    if let Err(wrong) = replay(&example.join("README.md"), &lab) {
        panic!("{wrong}\nif this is right, run it again with UPDATE_EXPECT=1");
    }
}

#[test]
fn shell() {
    check("shell.md");
}

/// What guides say to type, in one place with packages.
fn follow_guides(names: &[&str]) {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    lab.with_packages();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let paths: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
    match follow(&paths, &lab) {
        Ok(count) => assert!(count > 5, "{names:?} show {count} commands"),
        Err(wrong) => panic!("{wrong}"),
    }
}

#[test]
fn guides() {
    follow_guides(&[
        "docs/guides/for-scientists.md",
        "docs/guides/verify-somebody-elses-result.md",
        "docs/guides/editors.md",
    ]);
    follow_guides(&["docs/guides/guard-a-server.md"]);
    follow_guides(&["docs/guides/write-a-policy.md"]);
}

#[test]
fn readme() {
    follow_guides(&["README.md"]);
}

/// Somebody who knows Python and not Nix: the template's own page, typed as it stands there.
#[test]
fn template() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    lab.with_packages();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/experiment");
    lab.ok("git init -q --bare -b main ~/server.git && rm ~/.ssh/id_ed25519");
    match type_blocks(&template.join("README.md"), &lab.work(), &lab) {
        // The first run, the results, one file and another, a repository, the program without Nix.
        Ok(count) => assert_eq!(count, 10 + 7 + 3 + 2 + 5 + 4),
        Err(wrong) => panic!("{wrong}"),
    }
    // What the page says of the files that it makes.
    lab.ok("cd my-study && test -e result/summary.json && test -e study.car");
    lab.ok("cd my-study && ls room/*/nix/store/*-my-study/summary.json");
    assert_eq!(lab.ok("cd my-study && git status --short"), "");
}

#[test]
fn no_document_is_forgotten() {
    let names = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names: BTreeSet<String> = names.map(|name| name.into_string().unwrap()).collect();
    let expected: BTreeSet<String> = DOCUMENTS
        .into_iter()
        .chain(["README.md"])
        .map(str::to_owned)
        .collect();
    assert_eq!(names, expected);
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for name in DOCUMENTS {
        assert!(
            readme.contains(&format!("({name})")),
            "README.md does not name {name}"
        );
    }
}
