//! What people and programs do to repositories: maintenance, copies, races, replays.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gatos::fold::{ProgramSource, Request};
use gatos::journal::{Range, append, list};
use gatos::verify::{Pins, Verification, VerificationVerdict, verify_journal, verify_repository};
use gatos::{Error, Repository, Unwatched};

use crate::fixture::{Fixture, draft};

const COUNT: &str = "function fold(state, event) state.n = (state.n or 0) + 1 return state end";

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn verify(folder: &Path) -> Verification {
    let repository = Repository::discover(folder).unwrap();
    verify_repository(&repository, &Pins::default(), &mut Unwatched)
}

fn fold(fixture: &Fixture) {
    let request = Request {
        state: "count".parse().unwrap(),
        journal: "numbers".parse().unwrap(),
        program: ProgramSource::Source(COUNT.to_owned(), "count.lua".to_owned()),
        every: None,
    };
    gatos::fold::run(&fixture.open(), &request, &fixture.key, &mut Unwatched).unwrap();
}

fn written() -> Fixture {
    let fixture = Fixture::new();
    for number in 0..5 {
        fixture.append("numbers", number);
        fold(&fixture);
    }
    fixture
}

#[test]
fn maintenance_and_copies_change_nothing_that_is_verified() {
    let fixture = written();
    let folder = fixture.folder.path();
    for arguments in [
        &["pack-refs", "--all"][..],
        &["repack", "-a", "-d", "--quiet"],
        &["gc", "--prune=now", "--quiet"],
        &["fsck", "--strict"],
    ] {
        git(folder, arguments);
        assert_eq!(
            verify(folder).verdict,
            VerificationVerdict::Verified,
            "{arguments:?}"
        );
    }
    fixture.append("numbers", 9);
    let elsewhere = tempfile::tempdir().unwrap();
    let mirror = elsewhere.path().join("mirror.git");
    git(
        folder,
        &[
            "clone",
            "--quiet",
            "--mirror",
            ".",
            mirror.to_str().unwrap(),
        ],
    );
    assert_eq!(verify(&mirror).verdict, VerificationVerdict::Verified);
    let bundle = elsewhere.path().join("all.bundle");
    git(
        folder,
        &[
            "bundle",
            "create",
            "--quiet",
            bundle.to_str().unwrap(),
            "--all",
        ],
    );
    let copy = elsewhere.path().join("copy.git");
    git(
        folder,
        &[
            "clone",
            "--quiet",
            "--mirror",
            bundle.to_str().unwrap(),
            copy.to_str().unwrap(),
        ],
    );
    assert_eq!(verify(&copy).verdict, VerificationVerdict::Verified);
}

#[test]
fn replaced_objects_are_not_what_is_verified() {
    let fixture = written();
    let folder = fixture.folder.path();
    let tip = git(folder, &["rev-parse", "refs/gatos/journal/numbers"]);
    let parent = git(folder, &["rev-parse", "refs/gatos/journal/numbers^"]);
    git(
        folder,
        &["update-ref", &format!("refs/replace/{tip}"), &parent],
    );
    let report = verify_journal(&fixture.open(), &"numbers".parse().unwrap(), &mut Unwatched);
    assert!(
        report.checks[0].detail.starts_with("5 signed"),
        "{report:?}"
    );
}

#[test]
fn a_journal_cannot_be_replayed_elsewhere() {
    let (fixture, other) = (written(), Fixture::new());
    let folder = fixture.folder.path();
    git(
        folder,
        &[
            "update-ref",
            "refs/gatos/journal/copy",
            "refs/gatos/journal/numbers",
        ],
    );
    let report = verify_journal(&fixture.open(), &"copy".parse().unwrap(), &mut Unwatched);
    assert_eq!(
        report.verdict,
        VerificationVerdict::Mismatch,
        "another journal: {report:?}"
    );

    let spec = "refs/gatos/journal/numbers:refs/gatos/journal/numbers";
    git(
        other.folder.path(),
        &["fetch", "--quiet", folder.to_str().unwrap(), spec],
    );
    let report = verify_journal(&other.open(), &"numbers".parse().unwrap(), &mut Unwatched);
    assert_eq!(
        report.verdict,
        VerificationVerdict::Mismatch,
        "another repository: {report:?}"
    );
}

#[test]
fn a_state_cannot_be_moved_and_its_history_not_be_cut() {
    let fixture = written();
    let folder = fixture.folder.path();
    git(
        folder,
        &[
            "update-ref",
            "refs/gatos/state/copy",
            "refs/gatos/state/count",
        ],
    );
    assert_eq!(
        verify(folder).verdict,
        VerificationVerdict::Mismatch,
        "another state"
    );
    git(folder, &["update-ref", "-d", "refs/gatos/state/copy"]);
    assert_eq!(verify(folder).verdict, VerificationVerdict::Verified);

    git(
        folder,
        &[
            "update-ref",
            "refs/gatos/journal/numbers",
            "refs/gatos/journal/numbers~2",
        ],
    );
    assert_eq!(
        verify(folder).verdict,
        VerificationVerdict::Incomplete,
        "a journal that lost events"
    );
    git(folder, &["update-ref", "-d", "refs/gatos/journal/numbers"]);
    assert_eq!(
        verify(folder).verdict,
        VerificationVerdict::Incomplete,
        "a journal that is gone"
    );
}

#[test]
fn a_shallow_clone_is_told_from_a_damaged_one() {
    let fixture = written();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = fixture.folder.path();
    let shallow = elsewhere.path().join("shallow.git");
    git(
        elsewhere.path(),
        &["init", "--quiet", "--bare", shallow.to_str().unwrap()],
    );
    let spec = "+refs/gatos/*:refs/gatos/*";
    let url = format!("file://{}", folder.display());
    git(&shallow, &["fetch", "--quiet", "--depth", "1", &url, spec]);
    assert_eq!(verify(&shallow).verdict, VerificationVerdict::Incomplete);
}

#[test]
fn those_who_race_lose_no_event() {
    const WRITERS: i64 = 6;
    const EACH: i64 = 15;
    let fixture = Fixture::new();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let fixture = &fixture;
            scope.spawn(move || {
                for number in 0..EACH {
                    fixture.append("numbers", writer * EACH + number);
                }
            });
        }
    });
    let (mut seen, mut index) = (BTreeSet::new(), 0);
    list::<Error>(
        &fixture.open(),
        &"numbers".parse().unwrap(),
        Range::default(),
        |event| {
            assert_eq!(event.index, index);
            index += 1;
            seen.insert(event.payload.get().to_owned());
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(
        (seen.len() as i64, index as i64),
        (WRITERS * EACH, WRITERS * EACH)
    );
    assert_eq!(
        verify(fixture.folder.path()).verdict,
        VerificationVerdict::Verified
    );
}

#[test]
fn a_sha256_repository_works_as_a_sha1_one_does() {
    let fixture = Fixture::in_format("sha256");
    for number in 0..3 {
        fixture.append("numbers", number);
    }
    fold(&fixture);
    assert_eq!(
        verify(fixture.folder.path()).verdict,
        VerificationVerdict::Verified
    );
}

#[test]
fn one_fold_is_kept_once() {
    let fixture = Fixture::new();
    fixture.append("numbers", 1);
    fold(&fixture);
    let first = git(
        fixture.folder.path(),
        &["rev-parse", "refs/gatos/state/count"],
    );
    fold(&fixture);
    assert_eq!(
        git(
            fixture.folder.path(),
            &["rev-parse", "refs/gatos/state/count"]
        ),
        first
    );
}

#[test]
fn a_value_that_is_no_event_is_refused_before_it_is_signed() {
    let fixture = Fixture::new();
    let journal = "numbers".parse().unwrap();
    let refused = |draft| {
        let error = append(
            &fixture.open(),
            &journal,
            vec![draft],
            &fixture.key,
            &mut Unwatched,
        )
        .unwrap_err();
        error.full_message()
    };
    let mut empty = draft(1);
    empty.event_type = String::new();
    assert!(refused(empty).contains("type"));
    let mut large = draft(1);
    large.payload = gatos::Value::text("x".repeat(2 << 20));
    assert!(refused(large).contains("more than the 1048576 allowed"));
    let mut deep = draft(1);
    for _ in 0..70 {
        deep.payload = gatos::Value::list([deep.payload]);
    }
    assert!(refused(deep).contains("nesting"));
    let mut reserved = draft(1);
    reserved.payload = gatos::Value::map([("$dec", gatos::Value::text("0.1"))]);
    assert!(refused(reserved).contains("cannot be an event's"));
}
