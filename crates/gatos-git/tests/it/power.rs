//! Loss of power at any moment of a write.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_git::Repository;
use gatos_testing::{Disk, Ext4};

use super::driver::{BATCH, Driver, text};
use super::fixture::{Fixture, Need, can, journal, name, payloads, read_all, soak, times};
use super::strace::Stopped;

/// A disk with a repository, which is on it.
fn disk(kind: Ext4) -> (Disk, PathBuf) {
    let disk = Disk::new(kind, 24);
    let path = disk.root().join("repo");
    // Without Git's sample hooks, which would fill the disk.
    Fixture::at(&path, &["--bare", "--template="]);
    disk.settle();
    (disk, path)
}

/// What is wrong in a repository after a power loss, given what was acknowledged before it.
fn violations(path: &Path, acknowledged: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let Ok(repository) = Repository::open(path) else {
        return vec!["the repository cannot be opened".to_owned()];
    };
    if let Err(error) = repository.recover() {
        wrong.push(format!("recover: {error:?}"));
    }
    let read = match repository.find_ref(&journal()) {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(head)) => read_all(&repository, head),
        Err(error) => Err(error.to_string()),
    };
    match read {
        Ok(found) => {
            let missing = acknowledged.iter().filter(|event| !found.contains(event));
            wrong.extend(missing.map(|event| format!("{event} is missing")));
        }
        Err(error) => wrong.push(error),
    }
    for part in ["refs", "objects"] {
        let output = Command::new("find")
            .arg(path.join(part))
            .args([
                "-type", "f", "-empty", "-not", "-name", "*.lock", "-not", "-name", "tmp_*",
            ])
            .output()
            .unwrap();
        let empty = String::from_utf8(output.stdout).unwrap();
        wrong.extend(empty.lines().map(|file| format!("{file} is empty")));
    }
    let fsck = super::fixture::git_in(path)
        .args(["fsck", "--full", "--strict", "--no-dangling"])
        .output()
        .unwrap();
    if !fsck.status.success() {
        wrong.push(String::from_utf8_lossy(&fsck.stderr).into_owned());
    }
    wrong
}

/// Let a driver append, and cut the power every few acknowledgements.
fn cut_power(kind: Ext4, durability: &str, cuts: usize) -> Vec<Vec<String>> {
    let (mut disk, path) = disk(kind);
    let each = 7;
    let count = (cuts * each + 1).to_string();
    let mut driver = Driver::start(&["appends", text(&path), &count, "w", durability]);
    driver.release();
    let mut acknowledged = Vec::new();
    let mut found = Vec::new();
    for _ in 0..cuts {
        for _ in 0..each {
            let line = driver.line().unwrap();
            acknowledged.push(line.strip_prefix("acked ").expect(&line).to_owned());
        }
        // The list is taken before the copy, and nothing more is written during it.
        driver.signal(rustix::process::Signal::STOP);
        let snapshot = disk.after_power_loss().join("repo");
        found.push(violations(&snapshot, &acknowledged));
        disk.discard();
        driver.signal(rustix::process::Signal::CONT);
    }
    found
}

#[test]
fn a04_what_was_acknowledged_survives_a_power_loss() {
    if !can("a04", &[Need::Root]) {
        return;
    }
    let ordered = Ext4::Journal("data=ordered");
    let writeback = Ext4::Journal("data=writeback");
    for kind in [ordered, writeback, Ext4::NoJournal] {
        for wrong in cut_power(kind, "durable", times(5, 100)) {
            assert_eq!(wrong, Vec::<String>::new(), "{kind:?}");
        }
    }
}

#[test]
fn a04n_relaxed_writes_do_not_survive() {
    if !can("a04n", &[Need::Root]) {
        return;
    }
    for kind in [Ext4::Journal("data=ordered"), Ext4::NoJournal] {
        let found = cut_power(kind, "relaxed", times(3, 50));
        assert!(
            found.iter().any(|wrong| !wrong.is_empty()),
            "{kind:?}: the control saw no violation"
        );
    }
}

/// Cut the power after each step of a batch of three refs. Returns how many of them were moved,
/// before and after what was left is recovered.
fn cut_power_in_batches(kind: Ext4, call: &str, durability: &str) -> Vec<(usize, usize)> {
    let (mut disk, path) = disk(kind);
    assert!(Driver::run(&["batch", text(&path), "first"]).says("acked"));
    let mut found = Vec::new();
    for when in 1..300 {
        let before = heads(&Repository::open(&path).unwrap());
        let verb = ["batches", text(&path), "1", durability];
        let Ok(stopped) = Stopped::after(&verb, call, when) else {
            return found;
        };
        let snapshot = disk.after_power_loss().join("repo");
        let repository = Repository::open(&snapshot).unwrap();
        let moved = |repository: &Repository| {
            let now = heads(repository);
            now.iter()
                .zip(&before)
                .filter(|(now, before)| now != before)
                .count()
        };
        let at_first = moved(&repository);
        assert_eq!(repository.recover().unwrap().diverged, []);
        found.push((at_first, moved(&repository)));
        for target in BATCH {
            payloads(&repository, &name(target));
        }
        drop(repository);
        disk.discard();
        assert!(stopped.finish().says("acked"));
    }
    panic!("a batch takes more calls of {call} than were expected");
}

fn heads(repository: &Repository) -> Vec<Option<gatos_git::ObjectId>> {
    BATCH
        .map(|target| repository.find_ref(&name(target)).unwrap())
        .to_vec()
}

#[test]
fn a05_a_batch_is_whole_after_a_power_loss() {
    if !can("a05", &[Need::Root, Need::Strace]) {
        return;
    }
    let calls: &[&str] = if soak() {
        &["renameat", "fsync", "openat"]
    } else {
        &["renameat"]
    };
    let kinds = [Ext4::Journal("data=ordered"), Ext4::NoJournal];
    for (kind, call) in kinds
        .iter()
        .flat_map(|kind| calls.iter().map(move |call| (*kind, call)))
    {
        for (number, (_, moved)) in cut_power_in_batches(kind, call, "durable")
            .iter()
            .enumerate()
        {
            assert!(
                [0, 3].contains(moved),
                "{kind:?} {call} {number}: {moved} of 3 refs moved"
            );
        }
    }
}

/// A batch that is torn when its process is killed between two refs, before anybody recovers it.
#[test]
fn a05n_without_recovery_a_batch_would_be_torn() {
    if !can("a05n", &[Need::Strace]) {
        return;
    }
    let fixture = Fixture::new();
    let arguments = ["batch", text(fixture.path()), "payload"];
    let torn = (1..60).find_map(|when| {
        let stopped = Stopped::after(&arguments, "renameat", when).ok()?;
        drop(stopped);
        let repository = fixture.open();
        let moved = heads(&repository).iter().flatten().count();
        if [1, 2].contains(&moved) {
            return Some(repository);
        }
        repository.recover().unwrap();
        None
    });
    let repository = torn.expect("no batch was seen half done");
    let recovery = repository.recover().unwrap();
    assert!(!recovery.finished.is_empty(), "{recovery:?}");
    assert_eq!(heads(&repository).iter().flatten().count(), 3);
    fixture.assert_sound();
    assert_eq!(
        repository.recover().unwrap(),
        gatos_git::Recovery::default()
    );
}
