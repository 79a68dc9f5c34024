//! Files that Git does not have as they are.

use std::fs;
use std::path::Path;
use std::process::Command;

use gatos_git::changed_files;

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(["-c", "commit.gpgsign=false", "-C"])
        .arg(folder)
        .args(arguments)
        .status();
    assert!(status.unwrap().success(), "{arguments:?}");
}

#[test]
fn what_was_changed_is_named_and_what_git_does_not_know_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(changed_files(folder), None);
    git(folder, &["init", "--quiet"]);
    fs::create_dir(folder.join("data")).unwrap();
    for name in ["a", "data/b c", "data/ä", "gone", "moved"] {
        fs::write(folder.join(name), name).unwrap();
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
    fs::write(folder.join("unknown"), "x").unwrap();
    assert_eq!(changed_files(folder), Some(Vec::new()));
    fs::write(folder.join("data/b c"), "other").unwrap();
    fs::write(folder.join("data/ä"), "other").unwrap();
    fs::remove_file(folder.join("gone")).unwrap();
    fs::write(folder.join("new"), "x").unwrap();
    git(folder, &["add", "new"]);
    git(folder, &["mv", "moved", "there"]);
    let mut changed = changed_files(folder).unwrap();
    changed.sort();
    let expect = ["data/b c", "data/ä", "gone", "moved", "new", "there"];
    assert_eq!(changed, expect);
    // From a folder below it is the same.
    assert_eq!(changed_files(&folder.join("data")).unwrap().len(), 6);
}
