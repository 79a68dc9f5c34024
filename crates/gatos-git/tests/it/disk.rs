//! Disks that fill up, and processes that run out of files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_git::{Outcome, Repository};
use tempfile::TempDir;

use super::driver::{Driver, explain, text};
use super::fixture::{Fixture, Need, append, can, check, journal, must_append, payloads};

/// A small file system in memory.
struct Small {
    directory: TempDir,
}

impl Small {
    fn new(options: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(directory.path())
            .output();
        check(&output.unwrap());
        let small = Self { directory };
        Fixture::at(&small.repository(), &["--bare", "--template="]);
        small
    }

    fn repository(&self) -> PathBuf {
        self.directory.path().join("repo")
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.directory.path())
            .status();
    }
}

/// Append until it fails; the journal is what was acknowledged, and after `repair` it goes on.
fn fill(small: &Small, bytes: usize, repair: impl FnOnce(&Path)) {
    let repository = Repository::open(small.repository()).unwrap();
    let mut expect = Vec::new();
    let (error, refused) = loop {
        // Does not compress.
        let number = expect.len() as u64 + 1;
        let payload: String = (0..bytes as u64)
            .map(|i| char::from(b' ' + ((i * i + 7 * i) * number % 8191 % 90) as u8))
            .collect();
        match append(&repository, &journal(), &payload) {
            Ok(outcome) => {
                assert_eq!(outcome, Outcome::Applied);
                expect.push(payload);
            }
            Err(error) => break (explain(&error), payload),
        }
        assert!(expect.len() < 10_000, "the disk never fills");
    };
    assert!(error.contains("No space left"), "{error}");
    assert_eq!(payloads(&repository, &journal()), expect);
    // The file that a ref replaced is given back after the write that replaced it, so there may be room now.
    if let Ok(outcome) = append(&repository, &journal(), &refused) {
        assert_eq!(outcome, Outcome::Applied);
        expect.push(refused);
    }
    assert_eq!(payloads(&repository, &journal()), expect);
    let locks = repository.leftovers().unwrap().locks;
    assert_eq!(locks, []);
    repair(small.directory.path());
    expect.push("after".to_owned());
    must_append(&repository, &journal(), "after");
    assert_eq!(payloads(&repository, &journal()), expect);
    let fsck = super::fixture::git_in(&small.repository())
        .args(["fsck", "--strict"])
        .output();
    check(&fsck.unwrap());
}

#[test]
fn a19_a_full_disk_loses_nothing() {
    if !can("a19", &[Need::Root]) {
        return;
    }
    for bytes in [100, 10_000, 200_000] {
        let small = Small::new("size=700k");
        let filler = small.directory.path().join("filler");
        fs::write(&filler, vec![0; 200_000]).unwrap();
        fill(&small, bytes, |_| fs::remove_file(filler).unwrap());
    }
}

#[test]
fn a20_a_disk_without_inodes_loses_nothing() {
    if !can("a20", &[Need::Root]) {
        return;
    }
    let small = Small::new("nr_inodes=120");
    let fillers: Vec<PathBuf> = (0..30)
        .map(|number| small.directory.path().join(format!("filler-{number}")))
        .collect();
    for filler in &fillers {
        fs::write(filler, "").unwrap();
    }
    fill(&small, 100, |_| {
        for filler in fillers {
            fs::remove_file(filler).unwrap();
        }
    });
}

#[test]
fn a20_a_process_without_files_changes_nothing() {
    let mut refused = 0;
    for limit in 3..24 {
        let fixture = Fixture::new();
        let repository = fixture.open();
        let head = must_append(&repository, &journal(), "before");
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        command
            .arg("-c")
            .arg(script)
            .arg(std::env::current_exe().unwrap());
        let target = journal();
        let old = head.to_string();
        let arguments = ["swap", text(fixture.path()), target.as_str(), &old, "after"];
        // With too few it does not even come to the point where it waits.
        let Some(mut driver) = Driver::try_start_with(command, &arguments) else {
            continue;
        };
        driver.release();
        let finished = driver.finish();
        if finished.says("applied") {
            assert_eq!(payloads(&repository, &journal()), ["before", "after"]);
        } else {
            assert!(finished.says("error"), "{limit}: {finished:?}");
            assert!(
                finished.lines[0].contains("Too many open files"),
                "{limit}: {finished:?}"
            );
            assert_eq!(payloads(&repository, &journal()), ["before"], "{limit}");
            refused += 1;
        }
        fixture.assert_sound();
        must_append(&repository, &journal(), "next");
    }
    assert!(refused >= 3, "{refused}");
}
