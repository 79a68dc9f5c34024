//! Locks that are held, left behind, or released by a signal.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use gatos_git::{Durability, Outcome, Proof, TransactionError};
use rustix::process::Signal;

use super::driver::text;
use super::fixture::{
    Fixture, Need, append, append_upon, can, journal, must_append, name, payloads,
};
use super::strace::Stopped;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn make_old(path: &Path, age: Duration) {
    let times = FileTimes::new().set_modified(SystemTime::now() - age);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_times(times)
        .unwrap();
}

#[test]
fn a13_a_foreign_lock_is_an_error_that_names_it() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let lock = fixture.join("refs/gatos/journal/data.lock");
    fs::write(&lock, "").unwrap();
    // Not so old that it would be from before the system was started.
    make_old(&lock, 20 * SECOND);
    let begun = Instant::now();
    let refused = append(&repository, &journal(), "two");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let Err(TransactionError::Locked { path, age }) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(path, &lock);
    assert!(*age >= 20 * SECOND && *age < HOUR, "{age:?}");
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains(" s; if no") && message.contains("remove that file"),
        "{message}"
    );
    assert!(
        lock.exists(),
        "a writer removes no lock that it cannot prove stale"
    );
    assert_eq!(repository.find_ref(&journal()).unwrap(), Some(head));

    let found = repository.leftovers().unwrap().locks;
    assert_eq!(found.len(), 1);
    assert_eq!(
        repository.remove_stale_locks(HOUR).unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
    assert_eq!(repository.remove_stale_locks(10 * SECOND).unwrap(), [lock]);
    must_append(&repository, &journal(), "two");
}

#[test]
fn a13_locks_beside_packed_refs_and_head() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    must_append(&repository, &journal(), "one");
    for file in ["packed-refs.lock", "HEAD.lock"] {
        let lock = fixture.join(file);
        fs::write(&lock, "").unwrap();
        make_old(&lock, 2 * HOUR);
        // Nothing of ours needs it.
        must_append(&repository, &journal(), file);
        assert_eq!(repository.remove_stale_locks(HOUR).unwrap(), [lock]);
    }
    // Deleting a packed ref does need it.
    fixture.git(&["pack-refs", "--all"]);
    let lock = fixture.join("packed-refs.lock");
    fs::write(&lock, "").unwrap();
    let head = repository.find_ref(&journal()).unwrap().unwrap();
    let mut transaction = repository.transaction(gatos_git::Durability::Durable);
    transaction.delete(journal(), head);
    let refused = transaction.apply();
    assert!(matches!(&refused, Err(TransactionError::Locked { path, .. }) if *path == lock));
    assert_eq!(repository.find_ref(&journal()).unwrap(), Some(head));
}

#[test]
fn a_lock_from_before_the_system_was_started_is_proved_stale() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    must_append(&repository, &journal(), "one");
    let lock = fixture.join("refs/gatos/journal/data.lock");
    fs::write(&lock, "").unwrap();
    make_old(&lock, 24 * 3650 * HOUR);
    let found = repository.leftovers().unwrap().locks;
    assert_eq!(found[0].proof, Proof::BeforeBoot);
    let never = Duration::MAX;
    assert_eq!(repository.remove_stale_locks(never).unwrap(), [lock]);
}

#[test]
fn a_lock_that_a_living_process_holds_is_never_removed() {
    if !can("a_lock_that_a_living_process_holds", &[Need::Strace]) {
        return;
    }
    let fixture = Fixture::new();
    let repository = fixture.open();
    let target = journal();
    let arguments = ["swap", text(fixture.path()), target.as_str(), "-", "ours"];
    let lock = fixture.join("refs/gatos/journal/data.lock");
    let stopped = stop_while_locked(&fixture, &arguments);
    assert!(lock.exists());
    make_old(&lock, 24 * HOUR);
    assert_eq!(
        repository.remove_stale_locks(HOUR).unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
    assert_eq!(
        repository.recover().unwrap(),
        gatos_git::Recovery::default()
    );
    let refused = append(&repository, &journal(), "other");
    assert!(
        matches!(refused, Err(TransactionError::Locked { .. })),
        "{refused:?}"
    );
    assert!(lock.exists());
    assert!(stopped.finish().says("applied"));
    assert_eq!(payloads(&repository, &journal()), ["ours"]);
}

/// A driver that stands still while it holds the lock of the journal.
fn stop_while_locked(fixture: &Fixture, arguments: &[&str]) -> Stopped {
    let lock = fixture.join("refs/gatos/journal/data.lock");
    for when in 1..100 {
        let Ok(stopped) = Stopped::after(arguments, "write", when) else {
            break;
        };
        // The second line of the intent names the lock.
        if lock.exists() && fs::metadata(&lock).unwrap().len() > 0 {
            return stopped;
        }
        drop(stopped);
        // It was killed where it stood; what it left is dealt with.
        fixture.open().recover().unwrap();
        let _ = fs::remove_file(&lock);
    }
    panic!("the driver was never seen to hold the lock");
}

#[test]
fn a14_signals_release_locks() {
    if !can("a14", &[Need::Strace]) {
        return;
    }
    let signals = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];
    for signal in signals {
        let fixture = Fixture::new();
        let target = journal();
        let arguments = [
            "swap-with-signals",
            text(fixture.path()),
            target.as_str(),
            "-",
            "ours",
        ];
        let stopped = stop_while_locked(&fixture, &arguments);
        stopped.driver().signal(signal);
        let finished = stopped.finish();
        assert!(!finished.status.success(), "{signal:?}: {finished:?}");
        assert!(!finished.says("applied"), "{signal:?}: {finished:?}");
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(finished.status.signal(), Some(signal.as_raw()));
        assert_eq!(
            fixture.locks(),
            Vec::<std::path::PathBuf>::new(),
            "{signal:?}"
        );
        must_append(&fixture.open(), &journal(), "next");
    }
}

/// Without the handler the lock stays: it is what the test above would see.
#[test]
fn a14n_without_the_handler_a_signal_leaves_the_lock() {
    if !can("a14n", &[Need::Strace]) {
        return;
    }
    let fixture = Fixture::new();
    let target = journal();
    let arguments = ["swap", text(fixture.path()), target.as_str(), "-", "ours"];
    let stopped = stop_while_locked(&fixture, &arguments);
    stopped.driver().signal(Signal::TERM);
    let finished = stopped.finish();
    assert!(!finished.says("applied"));
    assert_eq!(fixture.locks().len(), 1);
    // And the next writer knows that nobody holds it.
    assert_eq!(
        append(&fixture.open(), &journal(), "next").unwrap(),
        Outcome::Applied
    );
    assert_eq!(fixture.locks(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn intents_of_others_do_not_get_in_the_way() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let intents = fixture.join("gatos/intents");
    fs::create_dir_all(&intents).unwrap();
    for (file, content) in [
        ("empty", String::new()),
        ("torn", "gatos-intent 1\nedit - 111".to_owned()),
        ("zeros", "\0".repeat(4096)),
        (
            "other-version",
            "gatos-intent 9\nedit - - refs/gatos/x\n".to_owned(),
        ),
        (
            "escaping",
            "gatos-intent 1\nlock 1 1 refs/gatos/../../config\n".to_owned(),
        ),
        (
            "missing-object",
            format!(
                "gatos-intent 1\nedit - {} refs/gatos/never\n",
                "1".repeat(40)
            ),
        ),
    ] {
        fs::write(intents.join(file), content).unwrap();
    }
    must_append(&repository, &journal(), "one");
    assert_eq!(
        repository.find_ref(&name("refs/gatos/never")).unwrap(),
        None
    );
    // Its own file is kept for the next transaction, and goes away with the repository.
    assert_eq!(fs::read_dir(&intents).unwrap().count(), 1);
    drop(repository);
    assert_eq!(fs::read_dir(&intents).unwrap().count(), 0);
    fixture.assert_sound();
}

#[test]
fn the_intent_of_a_dead_process_frees_only_its_own_lock() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let lock = fixture.join("refs/gatos/journal/data.lock");
    let intents = fixture.join("gatos/intents");
    // It held a lock here once, but this one was made by somebody else since.
    fs::write(&lock, "").unwrap();
    let text = format!(
        "gatos-intent 1\nedit - {head} {0}\nlock 12345 67890 {0}\n",
        journal()
    );
    fs::write(intents.join("dead"), text).unwrap();
    assert_eq!(
        repository.recover().unwrap().locks,
        Vec::<std::path::PathBuf>::new()
    );
    assert!(lock.exists());
    assert!(!intents.join("dead").exists());
}

#[test]
fn a_damaged_ref_of_a_dead_process_does_not_stop_others() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let damaged = name("refs/gatos/damaged");
    fs::write(fixture.join(damaged.as_str()), "").unwrap();
    let text = format!("gatos-intent 1\nedit - {head} {damaged}\n");
    fs::write(fixture.join("gatos/intents/dead"), text).unwrap();
    must_append(&repository, &journal(), "two");
    assert_eq!(fs::read(fixture.join(damaged.as_str())).unwrap(), b"");
    let refused = append_upon(&repository, &damaged, None, "x", Durability::Relaxed);
    assert!(
        matches!(refused, Err(TransactionError::Ref { .. })),
        "{refused:?}"
    );
}

/// The file of an intent that is used again holds nothing of the transaction before.
#[test]
fn an_intent_file_is_used_again_and_empty_in_between() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let intents = fixture.join("gatos/intents");
    let mut seen = std::collections::BTreeSet::new();
    for (number, target) in ["refs/gatos/a-rather-long-name", "refs/gatos/b"]
        .iter()
        .enumerate()
    {
        must_append(&repository, &name(target), &format!("event {number}"));
        for entry in fs::read_dir(&intents).unwrap() {
            let path = entry.unwrap().path();
            assert!(
                fs::read(&path).unwrap().iter().all(|byte| *byte == 0),
                "{}",
                path.display()
            );
            seen.insert(path);
        }
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    // Somebody who cleans up takes the file away: the next transaction makes another.
    fs::remove_dir_all(&intents).unwrap();
    must_append(&repository, &journal(), "one");
    assert_eq!(fs::read_dir(&intents).unwrap().count(), 1);
    drop(repository);
    assert_eq!(fs::read_dir(&intents).unwrap().count(), 0);
}
