//! System calls that kill or fail: afterwards a ref is at its old or its new value, never between.

use std::collections::BTreeMap;

use gatos_git::{Durability, ObjectId, RefName, Repository};

use super::driver::{BATCH, Driver, text};
use super::fixture::{Fixture, Need, append_upon, can, journal, must_append, name, payloads, soak};
use super::strace::{count, run_with};

/// The calls by which anything is changed, with what may go wrong with each.
const CALLS: [(&str, &[&str]); 7] = [
    ("openat", &["EMFILE", "EACCES", "EIO", "ENOSPC"]),
    ("write", &["ENOSPC", "EIO", "EDQUOT", "EINTR"]),
    ("pwrite64", &["ENOSPC", "EIO", "EDQUOT", "EINTR"]),
    ("renameat", &["ENOSPC", "EIO", "EACCES"]),
    ("fsync", &["EIO", "ENOSPC", "EDQUOT"]),
    ("mkdir", &["ENOSPC", "EACCES"]),
    ("unlink", &["EIO", "EACCES"]),
];

/// What is done to a repository while calls fail.
#[derive(Clone, Copy, Debug)]
enum Work {
    Append,
    Create,
    Batch,
    Delete,
}

/// A repository in which the work is to be done.
struct Bench {
    fixture: Fixture,
    before: BTreeMap<RefName, ObjectId>,
    arguments: Vec<String>,
}

impl Work {
    fn prepare(self) -> Bench {
        let fixture = Fixture::new();
        let repository = fixture.open();
        let head = must_append(&repository, &journal(), "before");
        let path = text(fixture.path()).to_owned();
        let owned = |arguments: &[&str]| arguments.iter().map(|s| (*s).to_owned()).collect();
        let target = journal();
        let arguments: Vec<String> = match self {
            Self::Append => owned(&["swap", &path, target.as_str(), &head.to_string(), "after"]),
            Self::Create => owned(&["swap", &path, "refs/gatos/jobs/one/claim", "-", "after"]),
            Self::Batch => {
                for target in BATCH {
                    must_append(&repository, &name(target), &format!("before {target}"));
                }
                owned(&["batch", &path, "after"])
            }
            Self::Delete => {
                fixture.git(&["pack-refs", "--all"]);
                owned(&["delete", &path, target.as_str(), &head.to_string()])
            }
        };
        let before = refs(&repository);
        Bench {
            fixture,
            before,
            arguments,
        }
    }

    /// The refs that the work changes.
    fn targets(self) -> Vec<RefName> {
        match self {
            Self::Append | Self::Delete => vec![journal()],
            Self::Create => vec![name("refs/gatos/jobs/one/claim")],
            Self::Batch => BATCH.map(name).to_vec(),
        }
    }
}

fn refs(repository: &Repository) -> BTreeMap<RefName, ObjectId> {
    repository.gatos_refs().unwrap().into_iter().collect()
}

/// How many of the targets were changed, once what was left unfinished is dealt with.
fn changed(work: Work, bench: &Bench, context: &str) -> usize {
    let repository = bench.fixture.open();
    let recovered = repository.recover();
    let recovered = recovered.unwrap_or_else(|error| panic!("{context}: {error:?}"));
    assert_eq!(recovered.diverged, [], "{context}");
    let after = refs(&repository);
    for (name, id) in &after {
        let events = payloads(&repository, name);
        let new = bench.before.get(name) != Some(id);
        assert!(
            !new || events.last().unwrap().starts_with("after"),
            "{context}: {events:?}"
        );
    }
    let moved = |name: &&RefName| bench.before.get(*name) != after.get(*name);
    work.targets().iter().filter(moved).count()
}

/// After the fault the repository is sound and the next append succeeds or names a stale lock.
fn goes_on(bench: &Bench, context: &str) {
    bench.fixture.assert_sound();
    let repository = bench.fixture.open();
    let append = |target: &RefName| {
        let old = repository.find_ref(target).unwrap();
        append_upon(&repository, target, old, "next", Durability::Relaxed)
    };
    let next = append(&name("refs/gatos/next"));
    assert!(next.is_ok(), "{context}: {next:?}");
    for target in [journal(), name("refs/gatos/jobs/one/claim")] {
        match append(&target) {
            Ok(_) | Err(gatos_git::TransactionError::Locked { .. }) => {}
            Err(error) => panic!("{context}: {error:?}"),
        }
    }
}

fn sweep(work: Work, kinds: impl Fn(&'static [&'static str]) -> Vec<String>) -> usize {
    let mut cases = 0;
    for (call, errors) in CALLS {
        let bench = work.prepare();
        let total = count(&borrowed(&bench.arguments), call);
        // Most files that are opened are only read.
        let step = if call == "openat" && !soak() { 3 } else { 1 };
        for when in (1..=total).step_by(step) {
            for kind in kinds(errors) {
                let context = format!("{work:?} {call} {when} {kind}");
                let bench = work.prepare();
                let inject = format!("{call}:{kind}:when={when}");
                let finished = run_with(&borrowed(&bench.arguments), &inject);
                let acknowledged = finished.says("applied") || finished.says("acked");
                let killed = kind.starts_with("signal");
                let moved = changed(work, &bench, &context);
                let all = work.targets().len();
                if acknowledged {
                    assert_eq!(moved, all, "{context}: acknowledged, but {finished:?}");
                } else if killed {
                    assert!(
                        moved == 0 || moved == all,
                        "{context}: {moved} of {all} moved"
                    );
                } else {
                    assert_eq!(moved, 0, "{context}: refused, but {finished:?}");
                }
                goes_on(&bench, &context);
                cases += 1;
            }
        }
    }
    cases
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn a01_killed_at_any_call() {
    if !can("a01", &[Need::Strace]) {
        return;
    }
    let works: &[Work] = if soak() {
        &[Work::Append, Work::Create, Work::Batch, Work::Delete]
    } else {
        &[Work::Append, Work::Batch]
    };
    for work in works {
        let cases = sweep(*work, |_| vec!["signal=KILL".to_owned()]);
        assert!(cases >= 20, "{work:?}: only {cases} cases");
    }
}

#[test]
fn a02_a_call_that_fails_at_any_moment() {
    if !can("a02", &[Need::Strace]) {
        return;
    }
    let works: &[Work] = if soak() {
        &[Work::Append, Work::Create, Work::Batch, Work::Delete]
    } else {
        &[Work::Append]
    };
    for work in works {
        let all = soak();
        let cases = sweep(*work, |errors| {
            let some = if all { errors } else { &errors[..1] };
            some.iter().map(|error| format!("error={error}")).collect()
        });
        assert!(cases >= 20, "{work:?}: only {cases} cases");
    }
}

#[test]
fn a03_a_failed_sync_is_final() {
    if !can("a03", &[Need::Strace]) {
        return;
    }
    let bench = Work::Append.prepare();
    let total = count(&borrowed(&bench.arguments), "fsync");
    assert!(total >= 8, "{total} files and directories are synchronised");
    for when in 1..=total {
        let bench = Work::Append.prepare();
        let inject = format!("fsync:error=EIO:when={when}");
        let finished = run_with(&borrowed(&bench.arguments), &inject);
        assert!(finished.says("error"), "{when}: {finished:?}");
        assert!(!finished.says("applied"), "{when}: {finished:?}");
        assert_eq!(changed(Work::Append, &bench, "a03"), 0, "{when}");
        // What was not synchronised is not there to be taken for good.
        let again = Driver::run(&borrowed(&bench.arguments));
        assert!(again.says("applied"), "{when}: {again:?}");
        bench.fixture.assert_sound();
    }
}

/// The packed value is gone when the loose one cannot be removed: it is put back.
#[test]
fn a02_a_delete_that_fails_half_way_is_undone() {
    if !can("a02", &[Need::Strace]) {
        return;
    }
    let bench = Work::Delete.prepare();
    let finished = run_with(&borrowed(&bench.arguments), "unlink:error=EIO:when=1");
    assert!(finished.says("error"), "{finished:?}");
    assert_eq!(changed(Work::Delete, &bench, "a02"), 0, "{finished:?}");
    goes_on(&bench, "a02");
}
