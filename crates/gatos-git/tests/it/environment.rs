//! Opening: what surrounds a repository, or lies in it, does not change what is read.

use std::path::Path;
use std::process::Command;

use gatos_git::{HistoryError, Layout, ObjectFormat, OpenError, OpenOptions, Repository};

use super::driver::{Driver, text};
use super::fixture::{Fixture, git_in, journal, must_append, name, payload, payloads};

#[test]
fn a17_replace_refs_do_not_change_what_is_read() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let honest = must_append(&repository, &journal(), "honest");
    let forged = must_append(&repository, &name("refs/gatos/forged"), "forged");
    let blob = |commit| {
        let tree = repository.read_commit(commit).unwrap().tree;
        repository.read_tree(&tree).unwrap()[0].id.to_string()
    };
    fixture.git(&["replace", &honest.to_string(), &forged.to_string()]);
    fixture.git(&["replace", &blob(&honest), &blob(&forged)]);
    // Git itself is deceived.
    let commit = honest.to_string();
    assert_eq!(fixture.git(&["show", &format!("{commit}:batch")]), "forged");
    for packed in [false, true] {
        if packed {
            fixture.git(&["gc", "--quiet"]);
        }
        assert_eq!(payload(&fixture.open(), &honest), "honest");
    }
}

#[test]
fn a17_grafts_are_refused() {
    let fixture = Fixture::new();
    let head = must_append(&fixture.open(), &journal(), "one");
    std::fs::write(fixture.join("info/grafts"), "").unwrap();
    fixture.open();
    std::fs::write(fixture.join("info/grafts"), format!("{head}\n")).unwrap();
    let refused = Repository::open(fixture.path());
    assert!(
        matches!(refused, Err(OpenError::Grafts { .. })),
        "{refused:?}"
    );
}

#[test]
fn a17_a_shallow_clone_is_known_and_its_edge_is_an_error() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    for number in 0..3 {
        must_append(&repository, &journal(), &format!("event {number}"));
    }
    let head = repository.find_ref(&journal()).unwrap().unwrap();
    assert!(!repository.is_shallow());
    let clone = Fixture::new();
    let url = format!("file://{}", text(fixture.path()));
    clone.git(&[
        "fetch",
        "-q",
        "--depth=2",
        &url,
        "+refs/gatos/*:refs/gatos/*",
    ]);
    let shallow = clone.open();
    assert!(shallow.is_shallow());
    let steps: Vec<_> = shallow.history(head).collect();
    assert_eq!(steps.len(), 3);
    assert!(
        matches!(steps[2], Err(HistoryError::Shallow { .. })),
        "{steps:?}"
    );
    clone.git(&[
        "fetch",
        "-q",
        "--unshallow",
        &url,
        "+refs/gatos/*:refs/gatos/*",
    ]);
    assert!(!shallow.is_shallow());
    assert_eq!(payloads(&shallow, &journal()).len(), 3);
}

#[test]
fn a18_borrowed_objects_need_permission() {
    let lender = Fixture::new();
    let head = must_append(&lender.open(), &journal(), "lent");
    let objects = lender.path().canonicalize().unwrap().join("objects");
    let other = Fixture::new();
    let other_objects = other.path().canonicalize().unwrap().join("objects");
    let borrower = Fixture::new();
    let file = borrower.join("objects/info/alternates");
    let write = |content: &str| std::fs::write(&file, content).unwrap();
    let options = OpenOptions {
        alternates: vec![objects.clone()],
    };
    let absolute = format!("{}\n", objects.display());

    write(&absolute);
    let refused = Repository::open(borrower.path());
    assert!(
        matches!(refused, Err(OpenError::Alternate { .. })),
        "{refused:?}"
    );
    let allowed = Repository::open_with(borrower.path(), &options).unwrap();
    assert_eq!(payload(&allowed, &head), "lent");

    // A chain needs permission for each of its links.
    std::fs::write(
        lender.join("objects/info/alternates"),
        format!("{}\n", other_objects.display()),
    )
    .unwrap();
    let refused = Repository::open_with(borrower.path(), &options);
    assert!(
        matches!(refused, Err(OpenError::Alternate { .. })),
        "{refused:?}"
    );
    std::fs::remove_file(lender.join("objects/info/alternates")).unwrap();

    write(&format!("{absolute}../../elsewhere/objects\n"));
    let refused = Repository::open_with(borrower.path(), &options);
    assert!(
        matches!(refused, Err(OpenError::Alternate { .. })),
        "{refused:?}"
    );

    write(&"x".repeat(1 << 20));
    let refused = Repository::open_with(borrower.path(), &options);
    assert!(
        matches!(refused, Err(OpenError::Alternates { .. })),
        "{refused:?}"
    );

    // It borrows from itself.
    write(&format!(
        "{}\n",
        borrower
            .path()
            .canonicalize()
            .unwrap()
            .join("objects")
            .display()
    ));
    let options = OpenOptions {
        alternates: vec![borrower.path().canonicalize().unwrap().join("objects")],
    };
    let refused = Repository::open_with(borrower.path(), &options);
    assert!(
        matches!(refused, Err(OpenError::Alternates { .. })),
        "{refused:?}"
    );
}

#[test]
fn a25_variables_have_no_effect() {
    let decoy = Fixture::new();
    must_append(&decoy.open(), &journal(), "decoy");
    let decoy_state = || decoy.git(&["for-each-ref"]) + &decoy.git(&["count-objects"]);
    let before = decoy_state();
    let objects = decoy.join("objects");
    let variables = [
        ("GIT_DIR", text(decoy.path())),
        ("GIT_COMMON_DIR", text(decoy.path())),
        ("GIT_WORK_TREE", "/"),
        ("GIT_OBJECT_DIRECTORY", text(&objects)),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", text(&objects)),
        ("GIT_QUARANTINE_PATH", text(&objects)),
        ("GIT_NAMESPACE", "elsewhere"),
        ("GIT_REPLACE_REF_BASE", "refs/gatos/journal/"),
        ("GIT_CONFIG_PARAMETERS", "'core.hooksPath=/tmp'"),
        ("GIT_INDEX_FILE", "/nonexistent"),
        ("GIT_CEILING_DIRECTORIES", "/"),
        ("GIT_CONFIG", "/dev/null"),
        ("GIT_SHALLOW_FILE", "/dev/null"),
    ];
    for (variable, value) in variables {
        let fixture = Fixture::new();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(variable, value);
        if variable == "GIT_CONFIG_PARAMETERS" {
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", "core.repositoryFormatVersion")
                .env("GIT_CONFIG_VALUE_0", "99");
        }
        let arguments = [
            "swap",
            text(fixture.path()),
            journal().as_str(),
            "-",
            "ours",
        ]
        .map(str::to_owned);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut driver = Driver::start_with(command, &arguments);
        driver.release();
        let finished = driver.finish();
        assert!(finished.says("applied"), "{variable}: {finished:?}");
        assert_eq!(
            payloads(&fixture.open(), &journal()),
            ["ours"],
            "{variable}"
        );
        assert_eq!(decoy_state(), before, "{variable}");
    }
}

#[test]
fn a25_configuration_runs_no_programs() {
    let fixture = Fixture::with(&[]);
    let trap = fixture.join("trap");
    let script = format!("#!/bin/sh\ntouch {}.sprung\n", trap.display());
    std::fs::create_dir(&trap).unwrap();
    for hook in [
        "reference-transaction",
        "pre-commit",
        "post-commit",
        "fsmonitor",
    ] {
        let path = trap.join(hook);
        std::fs::write(&path, &script).unwrap();
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        std::fs::set_permissions(&path, permissions).unwrap();
    }
    let hooks = text(&trap).to_owned();
    fixture.git(&["config", "core.hooksPath", &hooks]);
    fixture.git(&["config", "core.fsmonitor", &format!("{hooks}/fsmonitor")]);
    fixture.git(&["config", "core.sshCommand", &format!("{hooks}/pre-commit")]);
    fixture.git(&["config", "include.path", "/nonexistent"]);
    must_append(&fixture.open(), &journal(), "one");
    assert!(!fixture.join("trap.sprung").exists());
}

#[test]
fn a26_sha256_works_like_sha1() {
    let fixture = Fixture::with(&["--bare", "--object-format=sha256"]);
    let repository = fixture.open();
    assert_eq!(repository.object_format(), ObjectFormat::Sha256);
    let head = must_append(&repository, &journal(), "one");
    assert_eq!(head.to_string().len(), 64);
    must_append(&repository, &journal(), "two");
    for packed in [false, true] {
        if packed {
            fixture.git(&["gc", "--quiet"]);
            fixture.git(&["pack-refs", "--all"]);
        }
        assert_eq!(payloads(&fixture.open(), &journal()), ["one", "two"]);
    }
    must_append(&repository, &journal(), "three");
    fixture.assert_sound();
    // An id of the other length is never found, and never taken for one of this repository.
    let short: gatos_git::ObjectId = "1".repeat(40).parse().unwrap();
    assert!(repository.read_commit(&short).is_err());
}

#[test]
fn a26_reftable_is_refused_by_name() {
    let fixture = Fixture::with(&["--bare", "--ref-format=reftable"]);
    match Repository::open(fixture.path()) {
        Err(OpenError::RefStorage { storage, .. }) => assert_eq!(storage, "reftable"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_extension_is_refused() {
    let fixture = Fixture::new();
    fixture.git(&["config", "core.repositoryFormatVersion", "1"]);
    fixture.git(&["config", "extensions.fromTheFuture", "true"]);
    let opened = Repository::open(fixture.path());
    assert!(opened.is_err(), "{opened:?}");
}

#[test]
fn what_is_no_repository_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let opened = Repository::open(directory.path());
    assert!(
        matches!(opened, Err(OpenError::NotARepository { .. })),
        "{opened:?}"
    );
    let opened = Repository::open(directory.path().join("nowhere"));
    assert!(
        matches!(opened, Err(OpenError::NotARepository { .. })),
        "{opened:?}"
    );
    let opened = Repository::discover("/proc");
    assert!(
        matches!(opened, Err(OpenError::NotInARepository { .. })),
        "{opened:?}"
    );
    let file = directory.path().join("file");
    std::fs::write(&file, "gitdir: /nonexistent\n").unwrap();
    assert!(Repository::open(&file).is_err());
}

#[test]
fn a_repository_is_found_from_below_and_from_a_linked_work_tree() {
    let fixture = Fixture::with(&[]);
    let repository = fixture.open();
    assert_eq!(repository.work_tree(), Some(fixture.path()));
    std::fs::create_dir_all(fixture.join("a/b")).unwrap();
    let found = Repository::discover(fixture.join("a/b")).unwrap();
    assert_eq!(
        found.git_dir().canonicalize().unwrap(),
        fixture.join(".git").canonicalize().unwrap()
    );
    must_append(&found, &journal(), "one");

    fixture.git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    let linked = fixture.path().with_file_name("linked");
    fixture.git(&["worktree", "add", "-q", text(&linked)]);
    let from_linked = Repository::open(&linked).unwrap();
    assert_eq!(payloads(&from_linked, &journal()), ["one"]);
    must_append(&from_linked, &journal(), "two");
    assert_eq!(payloads(&repository, &journal()), ["one", "two"]);
    assert!(fixture.join(".git/refs/gatos/journal/data").exists());
    let output = git_in(&linked).args(["worktree", "list"]).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn what_init_makes_is_what_git_expects() {
    let directory = tempfile::tempdir().unwrap();
    for (layout, format, expect) in [
        (Layout::WorkTree, ObjectFormat::Sha1, "sha1"),
        (Layout::Bare, ObjectFormat::Sha1, "sha1"),
        (Layout::Bare, ObjectFormat::Sha256, "sha256"),
    ] {
        let path = directory.path().join(format!("{layout:?}-{format:?}"));
        let repository = Repository::init_with(&path, layout, format).unwrap();
        must_append(&repository, &journal(), "one");
        let git = |arguments: &[&str]| {
            let output = git_in(&path).args(arguments).output().unwrap();
            super::fixture::check(&output);
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        git(&["fsck", "--strict"]);
        assert_eq!(git(&["rev-parse", "--show-object-format"]), expect);
        let bare = (layout == Layout::Bare).to_string();
        assert_eq!(git(&["rev-parse", "--is-bare-repository"]), bare);
        let again = Repository::init_with(&path, layout, format);
        assert!(
            matches!(again, Err(gatos_git::InitError::Exists { .. })),
            "{again:?}"
        );
    }
}

#[test]
fn a21_order_does_not_come_from_clocks() {
    let faketime = Path::new("/usr/bin/faketime");
    if !faketime.exists() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "skipped: a21 needs the package faketime");
        return;
    }
    let fixture = Fixture::new();
    let mut expect = Vec::new();
    for (number, time) in ["+0", "-10y", "+10y", "-1d", "+10y", "-20y"]
        .iter()
        .enumerate()
    {
        let head = fixture.open().find_ref(&journal()).unwrap();
        let old = head.map_or_else(|| "-".to_owned(), |head| head.to_string());
        let event = format!("event {number}");
        let mut command = Command::new(faketime);
        command
            .arg("-f")
            .arg(time)
            .arg(std::env::current_exe().unwrap());
        let arguments = [
            "swap",
            text(fixture.path()),
            journal().as_str(),
            &old,
            &event,
        ]
        .map(str::to_owned);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut driver = Driver::start_with(command, &arguments);
        driver.release();
        let finished = driver.finish();
        assert!(finished.says("applied"), "{time}: {finished:?}");
        expect.push(event);
    }
    assert_eq!(payloads(&fixture.open(), &journal()), expect);
    fixture.assert_sound();
}
