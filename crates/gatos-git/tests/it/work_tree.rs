//! Files that Git does not have as they are.

use std::fs;
use std::path::Path;
use std::process::Command;

use gatos_git::{changed_files, is_open_to_git};

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

#[test]
fn what_git_would_take_is_told_from_what_it_ignores_and_what_is_elsewhere() {
    let whole = tempfile::tempdir().unwrap();
    let folder = &whole.path().join("study");
    fs::create_dir(folder).unwrap();
    fs::write(whole.path().join("outside"), "").unwrap();
    for name in ["new", "known", "ignored"] {
        fs::write(folder.join(name), "").unwrap();
    }
    let open = |name: &str| is_open_to_git(folder, &folder.join(name));
    assert!(!open("new"), "no repository");
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "known"]);
    fs::write(folder.join(".gitignore"), "ignored\nknown\n").unwrap();
    assert!(open("new") && open("known"));
    assert!(!open("ignored") && !open("../outside"));
}
