//! Git's own maintenance, at any time, and what is left behind.

use std::fs::{self, File, FileTimes};
use std::time::{Duration, SystemTime};

use gatos_git::Repository;

use super::driver::text;
use super::fixture::{Fixture, Need, append, can, git_in, journal, must_append, payloads};
use super::strace::Stopped;

#[test]
fn a08_pruning_between_object_and_ref_loses_nothing() {
    if !can("a08", &[Need::Strace]) {
        return;
    }
    let mut prunings = 0;
    for call in ["renameat", "fsync"] {
        for when in 1..20 {
            let fixture = Fixture::new();
            let repository = fixture.open();
            must_append(&repository, &journal(), "before");
            let head = repository
                .find_ref(&journal())
                .unwrap()
                .unwrap()
                .to_string();
            let target = journal();
            let arguments = [
                "swap",
                text(fixture.path()),
                target.as_str(),
                &head,
                "after",
            ];
            let Ok(stopped) = Stopped::after(&arguments, call, when) else {
                break;
            };
            fixture.try_git(&["gc", "--prune=now", "--quiet"]);
            prunings += 1;
            let finished = stopped.finish();
            let events = payloads(&repository, &journal());
            if finished.says("applied") {
                assert_eq!(events, ["before", "after"], "{call} {when}");
            } else {
                assert!(
                    events == ["before"] || events == ["before", "after"],
                    "{events:?}"
                );
            }
            fixture.assert_sound();
            must_append(&repository, &journal(), "next");
        }
    }
    assert!(prunings >= 10, "{prunings}");
}

#[test]
fn everything_git_does_to_a_repository_leaves_it_whole() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut expect = Vec::new();
    let steps: [&[&str]; 9] = [
        &["gc", "--prune=now", "--quiet"],
        &["repack", "-a", "-d", "-q"],
        &["pack-refs", "--all"],
        &["prune-packed"],
        &["multi-pack-index", "write"],
        &["commit-graph", "write", "--reachable"],
        &["gc", "--aggressive", "--quiet"],
        &["repack", "-a", "-d", "-q", "--write-bitmap-index"],
        &["pack-refs", "--all", "--prune"],
    ];
    for (number, step) in steps.into_iter().enumerate() {
        expect.push(format!("event {number}"));
        must_append(&repository, &journal(), &expect[number]);
        fixture.git(step);
        fixture.assert_sound();
        // The repository that was opened at the beginning, and one that is opened now.
        assert_eq!(payloads(&repository, &journal()), expect, "{step:?}");
        assert_eq!(payloads(&fixture.open(), &journal()), expect, "{step:?}");
    }
    let copies = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = git_in(copies.path()).args(arguments).output().unwrap();
        super::fixture::check(&output);
    };
    git(&["clone", "-q", "--mirror", text(fixture.path()), "mirror"]);
    fixture.git(&[
        "bundle",
        "create",
        "-q",
        text(&copies.path().join("all.bundle")),
        "--all",
    ]);
    git(&["clone", "-q", "--mirror", "all.bundle", "unbundled"]);
    for copy in ["mirror", "unbundled"] {
        let copy = Repository::open(copies.path().join(copy)).unwrap();
        assert_eq!(payloads(&copy, &journal()), expect);
    }
}

#[test]
fn a27_temporary_files_are_removed_when_they_are_old() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    must_append(&repository, &journal(), "one");
    fs::create_dir_all(fixture.join("objects/ab")).unwrap();
    let day = Duration::from_secs(24 * 3600);
    let names = [
        ".tmpAbCdEf",
        "tmp_obj_x",
        "ab/tmp_obj_y",
        "pack/tmp_pack_z",
        "pack/tmp_idx_z",
    ];
    let mut old = Vec::new();
    for name in names {
        for (suffix, age) in [("old", 2 * day), ("young", day / 2)] {
            let path = fixture.join(&format!("objects/{name}{suffix}"));
            fs::write(&path, "leftover").unwrap();
            let times = FileTimes::new().set_modified(SystemTime::now() - age);
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_times(times)
                .unwrap();
            if suffix == "old" {
                old.push(path);
            }
        }
    }
    old.sort();
    assert_eq!(repository.leftovers().unwrap().temporaries.len(), 10);
    assert_eq!(repository.remove_temporaries(day).unwrap(), old);
    let left = repository.leftovers().unwrap().temporaries;
    assert_eq!(left.len(), 5);
    assert!(
        left.iter()
            .all(|file| file.path.to_str().unwrap().ends_with("young"))
    );
    assert_eq!(left[0].bytes, 8);
    assert_eq!(payloads(&repository, &journal()), ["one"]);
}

#[test]
fn a_repository_that_is_open_sees_what_others_write() {
    let fixture = Fixture::new();
    let (ours, theirs) = (fixture.open(), fixture.open());
    for number in 0..6 {
        append(&theirs, &journal(), &format!("event {number}")).unwrap();
        if number % 2 == 1 {
            // Twice within the resolution of a time stamp.
            fixture.git(&["pack-refs", "--all"]);
            fixture.git(&["repack", "-a", "-d", "-q"]);
        }
        assert_eq!(payloads(&ours, &journal()).len(), number + 1);
    }
}
