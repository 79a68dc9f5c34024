//! Objects: damaged, missing, enormous, or of the wrong kind.

use gatos_git::{
    Durability, EntryRef, Expected, Message, NewCommit, ObjectId, Outcome, ReadError, Repository,
    TransactionError,
};

use super::fixture::{
    Fixture, append_upon, journal, must_append, name, payloads, read_all, stage, times,
};

#[test]
fn a09_a_ref_never_names_what_is_not_there() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let tree = repository.read_commit(&head).unwrap().tree;
    let blob = repository.read_tree(&tree).unwrap()[0].id;
    let tag = {
        fixture.git(&["tag", "-a", "-m", "tag", "t", &head.to_string()]);
        fixture.git(&["rev-parse", "t"]).parse().unwrap()
    };
    let absent: ObjectId = "1".repeat(40).parse().unwrap();
    for wrong in [absent, tree, blob, tag] {
        let mut transaction = repository.transaction(Durability::Durable);
        transaction.update(name("refs/gatos/new"), Expected::Absent, wrong);
        let refused = transaction.apply();
        assert!(
            matches!(refused, Err(TransactionError::Target { .. })),
            "{wrong}: {refused:?}"
        );
    }
    // Nor does an object refer to what is missing or of another kind.
    type Stage = fn(&mut gatos_git::Transaction, ObjectId, ObjectId);
    let commit = |tree, parents| NewCommit {
        tree,
        parents,
        message: Message::new("x"),
        seconds: 0,
    };
    let cases: [(Stage, ObjectId); 5] = [
        (
            |tx, _, wrong| drop(tx.tree([("x", EntryRef::Blob(wrong))])),
            absent,
        ),
        (
            |tx, _, wrong| drop(tx.tree([("x", EntryRef::Blob(wrong))])),
            tree,
        ),
        (
            |tx, _, wrong| drop(tx.tree([("x", EntryRef::Tree(wrong))])),
            blob,
        ),
        (|_, _, _| (), absent),
        (|_, _, _| (), blob),
    ];
    for (index, (stage_wrong, wrong)) in cases.into_iter().enumerate() {
        let mut transaction = repository.transaction(Durability::Durable);
        stage_wrong(&mut transaction, tree, wrong);
        if index == 3 {
            transaction.commit(&commit(wrong, vec![])).unwrap();
        }
        if index == 4 {
            transaction.commit(&commit(tree, vec![wrong])).unwrap();
        }
        let refused = transaction.apply();
        assert!(
            matches!(refused, Err(TransactionError::Reference { .. })),
            "{index}: {refused:?}"
        );
    }
    assert_eq!(repository.gatos_refs().unwrap(), [(journal(), head)]);
}

/// How a file of an object is damaged.
const TEARS: [&str; 4] = ["empty", "truncated", "other object", "garbage"];

fn tear(fixture: &Fixture, id: &ObjectId, how: &str) {
    let path = fixture.object_path(id);
    let whole = std::fs::read(&path).unwrap();
    let torn = match how {
        "empty" => Vec::new(),
        "truncated" => whole[..whole.len() / 2].to_vec(),
        "other object" => {
            let other = fixture.git(&["hash-object", "-w", "/proc/version"]);
            std::fs::read(fixture.object_path(&other.parse().unwrap())).unwrap()
        }
        _ => vec![0xff; whole.len()],
    };
    // The file is read-only, as Git makes it.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, torn).unwrap();
}

/// The commit, tree and blob that `append_upon` writes first in a new repository.
fn three_objects(repository: &Repository, head: ObjectId) -> [ObjectId; 3] {
    let tree = repository.read_commit(&head).unwrap().tree;
    [head, tree, repository.read_tree(&tree).unwrap()[0].id]
}

#[test]
fn a10_torn_objects_are_written_again() {
    for how in TEARS {
        for which in 0..3 {
            let fixture = Fixture::new();
            let repository = fixture.open();
            let mut transaction = repository.transaction(Durability::Durable);
            let head = stage(&mut transaction, None, "payload");
            assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
            let id = three_objects(&repository, head)[which];
            tear(&fixture, &id, how);
            assert!(!fixture.try_git(&["fsck"]).status.success() || how == "other object");
            let done = append_upon(
                &repository,
                &journal(),
                None,
                "payload",
                Durability::Durable,
            );
            assert_eq!(done.unwrap(), Outcome::Applied, "{how} {which}");
            assert_eq!(repository.find_ref(&journal()).unwrap(), Some(head));
            assert_eq!(payloads(&repository, &journal()), ["payload"]);
            fixture.assert_sound();
        }
    }
}

/// Git's own writer leaves the torn object as it is.
#[test]
fn a10n_git_does_not_heal() {
    let fixture = Fixture::new();
    let id: ObjectId = fixture
        .git(&["hash-object", "-w", "/proc/cpuinfo"])
        .parse()
        .unwrap();
    tear(&fixture, &id, "empty");
    fixture.git(&["hash-object", "-w", "/proc/cpuinfo"]);
    assert_eq!(
        std::fs::metadata(fixture.object_path(&id)).unwrap().len(),
        0
    );
}

#[test]
fn a11_damage_is_found_when_it_is_read() {
    for how in TEARS {
        let fixture = Fixture::new();
        let repository = fixture.open();
        let head = must_append(&repository, &journal(), "payload");
        for id in three_objects(&repository, head) {
            let path = fixture.object_path(&id);
            let whole = std::fs::read(&path).unwrap();
            tear(&fixture, &id, how);
            let walked: Result<Vec<_>, _> = repository.history(head).collect();
            let read = walked
                .map_err(|error| format!("{error:?}"))
                .and_then(|commits| {
                    let tree = repository.read_tree(&commits[0].1.tree);
                    let tree = tree.map_err(|error| format!("{error:?}"))?;
                    let blob = repository.read_blob(&tree[0].id);
                    blob.map_err(|error| format!("{error:?}"))
                });
            let error = read.expect_err(how);
            assert!(error.contains(&id.to_string()), "{how}: {error}");
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, whole).unwrap();
        }
    }
}

#[test]
fn a11_swapped_objects_are_told_apart() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut transaction = repository.transaction(Durability::Relaxed);
    let one = transaction.blob(*b"one").unwrap();
    let two = transaction.blob(*b"two").unwrap();
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    let (a, b) = (fixture.object_path(&one), fixture.object_path(&two));
    let aside = fixture.join("aside");
    std::fs::rename(&a, &aside).unwrap();
    std::fs::rename(&b, &a).unwrap();
    std::fs::rename(&aside, &b).unwrap();
    // Git believes it.
    assert_eq!(fixture.git(&["cat-file", "blob", &one.to_string()]), "two");
    for (asked, got) in [(one, two), (two, one)] {
        match repository.read_blob(&asked) {
            Err(ReadError::Integrity {
                expected,
                got: found,
            }) => {
                assert_eq!((expected, found), (asked, got));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Bytes of a pack are changed, all of them in a soak: what is read is right or refused.
#[test]
fn a11_a_changed_byte_in_a_pack_changes_no_content() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    for number in 0..4 {
        must_append(
            &repository,
            &journal(),
            &format!("event {number} {}", "x".repeat(200)),
        );
    }
    let expect = payloads(&repository, &journal());
    fixture.git(&["repack", "-a", "-d", "-q"]);
    fixture.git(&["pack-refs", "--all"]);
    let is_pack = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "pack");
    let pack = fixture.files().into_iter().find(is_pack).unwrap();
    let whole = std::fs::read(&pack).unwrap();
    let (mut refused, step) = (0, (whole.len() / times(60, 1_000_000)).max(1));
    for at in (0..whole.len()).step_by(step) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        std::fs::remove_file(&pack).unwrap();
        std::fs::write(&pack, &changed).unwrap();
        let repository = fixture.open();
        let head = repository.find_ref(&journal()).unwrap().unwrap();
        match read_all(&repository, head) {
            Ok(read) => assert_eq!(read, expect, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
}

#[test]
fn limits_are_those_that_are_asked_for() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut transaction = repository.transaction(Durability::Relaxed);
    let id = transaction.blob(vec![7; 1000]).unwrap();
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    assert_eq!(repository.read_blob_within(&id, 1000).unwrap().len(), 1000);
    let refused = repository.read_blob_within(&id, 999);
    assert!(matches!(
        refused,
        Err(ReadError::TooLarge {
            size: 1000,
            max: 999,
            ..
        })
    ));
    let mut transaction = repository.transaction(Durability::Relaxed);
    let refused = transaction.blob(vec![0; (gatos_git::MAX_BLOB_BYTES + 1) as usize]);
    assert!(
        matches!(refused, Err(gatos_git::StageError::TooLarge { .. })),
        "{refused:?}"
    );
    let refused = repository.read_tree(&id);
    assert!(
        matches!(refused, Err(ReadError::Kind { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_tree_is_sorted_as_git_sorts_and_holds_each_name_once() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut transaction = repository.transaction(Durability::Relaxed);
    let blob = EntryRef::Blob(transaction.blob(*b"x").unwrap());
    let inner = EntryRef::Tree(transaction.tree([("x", blob)]).unwrap());
    // `a` as a tree sorts after `a.b` and `a-b`.
    let entries = [
        ("a", inner),
        ("a.b", blob),
        ("a-b", blob),
        ("a0", blob),
        ("b", inner),
    ];
    let tree = transaction.tree(entries).unwrap();
    let commit = NewCommit {
        tree,
        parents: Vec::new(),
        message: Message::new("tree"),
        seconds: 0,
    };
    let head = transaction.commit(&commit).unwrap();
    let twice = transaction.tree([("a", blob), ("a", inner)]);
    assert!(
        matches!(twice, Err(gatos_git::StageError::Duplicate { .. })),
        "{twice:?}"
    );
    let hostile = transaction.tree([("../x", blob)]);
    assert!(
        matches!(hostile, Err(gatos_git::StageError::Name { .. })),
        "{hostile:?}"
    );
    transaction.update(journal(), Expected::Absent, head);
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    fixture.assert_sound();
    let listed = fixture.git(&["ls-tree", "--name-only", &tree.to_string()]);
    assert_eq!(
        listed.lines().collect::<Vec<_>>(),
        ["a-b", "a.b", "a", "a0", "b"]
    );
}

/// a bit is changed in each file of a repository, one at a time. What can still be read is
/// what was written; anything else is an error.
#[test]
fn a29_no_flipped_bit_changes_what_is_read() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    for number in 0..3 {
        must_append(&repository, &journal(), &format!("event {number}"));
    }
    fixture.git(&["repack", "-a", "-d", "-q"]);
    for number in 3..5 {
        must_append(&repository, &journal(), &format!("event {number}"));
    }
    let head = repository.find_ref(&journal()).unwrap().unwrap();
    let expect = payloads(&repository, &journal());
    let flips = times(2, 40);
    for file in fixture.files() {
        let whole = std::fs::read(&file).unwrap();
        if whole.is_empty() || file.starts_with(fixture.join("hooks")) {
            continue;
        }
        for flip in 0..flips {
            let bit = (flip * 7919 + 13) % (whole.len() * 8);
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &changed).unwrap();
            if let Ok(repository) = Repository::open(fixture.path())
                && let Ok(read) = read_all(&repository, head)
            {
                assert_eq!(read, expect, "bit {bit} of {}", file.display());
            }
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &whole).unwrap();
    }
}
