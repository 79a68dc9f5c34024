//! What is different between trees, compared with what Git says, and where histories meet.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use gatos_git::{ObjectId, Repository};

use super::fixture::Fixture;

/// A repository with a work tree.
fn worked() -> Fixture {
    Fixture::with(&["--quiet"])
}

/// Commit whatever lies in the work tree.
fn commit(fixture: &Fixture, message: &str) -> ObjectId {
    fixture.git(&["add", "--all"]);
    fixture.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    fixture.git(&["rev-parse", "HEAD"]).parse().unwrap()
}

fn tree(repository: &Repository, commit: ObjectId) -> ObjectId {
    repository.read_commit(&commit).unwrap().tree
}

#[test]
fn changed_paths_are_those_that_git_names() {
    let fixture = worked();
    let write = |path: &str, text: &str| {
        let path = fixture.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for path in [
        "a",
        "same/x",
        "deep/er/y",
        "deep/er/z",
        "file",
        "folder/x",
        "run",
        "link",
    ] {
        write(path, path);
    }
    let before = commit(&fixture, "1");
    write("a", "b");
    write("deep/er/z", "changed");
    write("new/n", "n");
    // A file becomes a folder, a folder a file; a mode changes, and a file becomes a link.
    fs::remove_file(fixture.join("file")).unwrap();
    write("file/x", "x");
    fs::remove_dir_all(fixture.join("folder")).unwrap();
    write("folder", "f");
    fs::set_permissions(fixture.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(fixture.join("link")).unwrap();
    symlink("link", fixture.join("link")).unwrap();
    let after = commit(&fixture, "2");
    let repository = fixture.open();
    let (old, new) = (tree(&repository, before), tree(&repository, after));
    let range = [before.to_string(), after.to_string()];
    let wanted = fixture.git(&[
        "diff-tree",
        "-r",
        "--name-only",
        "--no-renames",
        &range[0],
        &range[1],
    ]);
    let wanted: Vec<&str> = wanted.lines().collect();
    let found = repository
        .changed_paths(Some(old), Some(new), 100)
        .unwrap()
        .unwrap();
    assert_eq!(found, wanted);
    assert!(found.contains(&"run".to_owned()) && found.contains(&"link".to_owned()));
    from_all_sides(&fixture, &range[1], (old, new), &found);
}

/// The same from the other side; from nothing; nothing at all; and too many to name.
fn from_all_sides(
    fixture: &Fixture,
    after: &str,
    (old, new): (ObjectId, ObjectId),
    wanted: &[String],
) {
    let repository = fixture.open();
    let changed = |before, after, most| repository.changed_paths(before, after, most).unwrap();
    assert_eq!(changed(Some(new), Some(old), 100).unwrap(), wanted);
    let all = fixture.git(&["ls-tree", "-r", "--name-only", after]);
    let found = changed(None, Some(new), 100).unwrap();
    assert_eq!(found, all.lines().collect::<Vec<_>>());
    assert_eq!(changed(Some(new), Some(new), 0), Some(Vec::new()));
    assert_eq!(changed(None, Some(new), found.len() - 1), None);
}

#[test]
fn histories_meet_where_they_share_a_commit() {
    let fixture = worked();
    let first = commit(&fixture, "3");
    let fork = commit(&fixture, "4");
    fixture.git(&["checkout", "--quiet", "-b", "side"]);
    let side = commit(&fixture, "5");
    fixture.git(&["checkout", "--quiet", "-b", "main2", &fork.to_string()]);
    let main = commit(&fixture, "6");
    fixture.git(&["checkout", "--quiet", "--orphan", "other"]);
    let other = commit(&fixture, "7");
    let repository = fixture.open();
    let meet = |one, other| repository.meeting(one, other, 1000).unwrap();
    assert_eq!(meet(side, main), Some(fork));
    assert_eq!(meet(main, side), Some(fork));
    assert_eq!(meet(main, main), Some(main));
    assert_eq!(meet(first, main), Some(first));
    assert_eq!(meet(main, first), Some(first));
    assert_eq!(meet(main, other), None);
    assert_eq!(repository.meeting(main, first, 1).unwrap(), None, "too far");
}

#[test]
fn a_tag_points_to_what_it_names() {
    let fixture = worked();
    let id = commit(&fixture, "8");
    fixture.git(&["tag", "-a", "-m", "t", "t"]);
    let tag: ObjectId = fixture.git(&["rev-parse", "t"]).parse().unwrap();
    let repository = fixture.open();
    assert_eq!(repository.tag_target(&tag).unwrap(), id);
    assert!(repository.tag_target(&id).is_err());
}
