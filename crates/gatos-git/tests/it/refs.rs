//! Refs that are damaged, symbolic, or hidden in a damaged file: refused, and never taken as absent.

use gatos_git::{FindRefError, Outcome, Repository, TransactionError};

use super::fixture::{Fixture, append, journal, must_append, name, payloads};

/// Contents of a ref's file that hold no id, as a power loss or a hostile writer leaves them.
const DAMAGED: [&[u8]; 8] = [
    b"",
    b"\n",
    &[0; 20],
    &[0; 41],
    b"not an id\n",
    b"1111111111111111111111111111111111111111 1111111111111111111111111111111111111111\n",
    b"11111111111111111111111111111111111111\n",
    b"0000000000000000000000000000000000000000\n",
];

#[test]
fn a12_a_damaged_ref_is_never_absent() {
    for packed_value in [false, true] {
        for content in DAMAGED {
            let fixture = Fixture::new();
            let repository = fixture.open();
            if packed_value {
                must_append(&repository, &journal(), "one");
                fixture.git(&["pack-refs", "--all"]);
            }
            let path = fixture.join(journal().as_str());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, content).unwrap();

            let found = repository.find_ref(&journal());
            assert!(
                matches!(found, Err(FindRefError::Undecodable { .. })),
                "{found:?}"
            );
            assert!(repository.gatos_refs().is_err());
            let created = super::fixture::append_upon(
                &repository,
                &journal(),
                None,
                "new",
                gatos_git::Durability::Durable,
            );
            assert!(
                matches!(created, Err(TransactionError::Ref { .. })),
                "{created:?}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), content);
            let damaged = repository.leftovers().unwrap().refs;
            assert_eq!(damaged.len(), 1, "{damaged:?}");
            assert!(damaged[0].to_string().contains(journal().as_str()));
        }
    }
}

#[test]
fn a16_symbolic_refs_are_refused() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    must_append(&repository, &name("refs/gatos/journal/other"), "other");
    let path = fixture.join(journal().as_str());
    let targets = [
        "refs/heads/main",
        "refs/gatos/journal/other",
        "refs/gatos/journal/nowhere",
        "refs/gatos/journal/data",
    ];
    for target in targets {
        std::fs::write(&path, format!("ref: {target}\n")).unwrap();
        refuses_symbolic(&repository, target);
    }
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("other", &path).unwrap();
    refuses_symbolic(&repository, "other");
    assert_eq!(
        payloads(&repository, &name("refs/gatos/journal/other")),
        ["other"]
    );
}

fn refuses_symbolic(repository: &Repository, expect: &str) {
    match repository.find_ref(&journal()) {
        Err(FindRefError::Symbolic { target, .. }) => assert_eq!(target, expect),
        other => panic!("{expect}: {other:?}"),
    }
    let written = super::fixture::append_upon(
        repository,
        &journal(),
        None,
        "new",
        gatos_git::Durability::Durable,
    );
    assert!(
        matches!(written, Err(TransactionError::Ref { .. })),
        "{written:?}"
    );
    assert!(repository.gatos_refs().is_err());
}

#[test]
fn a_damaged_packed_refs_file_is_an_error() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    must_append(&repository, &journal(), "one");
    fixture.git(&["pack-refs", "--all"]);
    let path = fixture.join("packed-refs");
    let whole = std::fs::read_to_string(&path).unwrap();
    for damaged in [
        whole.replace("refs/gatos", "\0refs/gatos"),
        whole.replace(&whole[whole.find('\n').unwrap() + 1..][..20], "zz"),
        "\0".repeat(whole.len()),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let found = repository.find_ref(&journal());
        assert!(
            matches!(found, Err(FindRefError::Packed { .. })),
            "{damaged:?}: {found:?}"
        );
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(
        append(&repository, &journal(), "two").unwrap(),
        Outcome::Applied
    );
}
