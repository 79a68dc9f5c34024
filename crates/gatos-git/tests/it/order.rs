//! The order in which the disk is told things, read off the system calls of an append.

use std::collections::BTreeMap;

use super::driver::text;
use super::fixture::{Fixture, Need, can};
use super::strace::trace;

const APPENDS: &[&str] = &["appends", "3", "w", "durable"];
const BATCHES: &[&str] = &["batches", "2", "durable"];
/// In the path of every intent.
const INTENTS: &str = "/gatos/intents/";

/// One call that matters.
#[derive(Clone, Debug, PartialEq)]
enum Call {
    Synchronised(String),
    Renamed(String, String),
    /// A file that had no name got one
    Named(String, String),
    Acknowledged,
}

/// The calls of a log written with `strace -y`.
fn calls(log: &str) -> Vec<Call> {
    let mut found = Vec::new();
    // What is open; the file of an object has no other name before it is in its place.
    let mut open = BTreeMap::new();
    for line in log.lines().filter(|line| !line.contains(" = -1 ")) {
        if let Some(rest) = line
            .strip_prefix("fsync(")
            .or_else(|| line.strip_prefix("write("))
            && let [descriptor, path] = rest.splitn(3, ['<', '>']).take(2).collect::<Vec<_>>()[..]
        {
            open.insert(format!("/proc/self/fd/{descriptor}"), path);
        }
        if let Some(rest) = line.strip_prefix("fsync(") {
            let path = rest.split(['<', '>']).nth(1).unwrap();
            found.push(Call::Synchronised(path.to_owned()));
        } else if line.starts_with("linkat(") {
            let names: Vec<&str> = line.split('"').collect();
            found.push(Call::Named(open[names[1]].to_owned(), names[3].to_owned()));
        } else if line.starts_with("rename") {
            let names: Vec<&str> = line.split('"').collect();
            found.push(Call::Renamed(names[1].to_owned(), names[3].to_owned()));
        } else if line.starts_with("write(") && line.contains("@acked") {
            found.push(Call::Acknowledged);
        }
    }
    found
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').unwrap().0
}

/// When the names of objects must be on the disk.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    /// Before a ref is moved
    First,
    /// Before success, if an intent on the disk says what is to be undone without them
    OrIntent,
}

/// What the disk was not told in time.
fn violations(calls: &[Call], names: Names) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut synchronised = Vec::new();
    let mut intent = false;
    // Directories with new names that may not be on the disk, and files that may not know theirs.
    let mut open: Vec<&str> = Vec::new();
    for call in calls {
        match call {
            Call::Synchronised(path) => {
                open.retain(|directory| directory != path);
                synchronised.push(path.as_str());
                intent |= names == Names::OrIntent && path.contains(INTENTS);
            }
            Call::Renamed(from, to) | Call::Named(from, to) => {
                if !synchronised.contains(&from.as_str()) {
                    wrong.push(format!("`{to}` got its name before its content was safe"));
                }
                // The next file of this name is another.
                synchronised.retain(|path| path != from);
                let objects = open.iter().find(|path| path.contains("/objects/"));
                if let Some(directory) = objects
                    && to.contains("/refs/")
                    && !intent
                {
                    wrong.push(format!("`{to}` was moved before `{directory}` was safe"));
                }
                open.push(parent(to));
                if matches!(call, Call::Named(..)) {
                    open.push(from);
                }
            }
            Call::Acknowledged => {
                wrong.extend(open.iter().map(|path| format!("`{path}` was not safe yet")));
                intent = false;
            }
        }
    }
    wrong
}

/// What a driver does, with calls and log.
fn traced(arguments: &[&str]) -> (Vec<Call>, String) {
    let fixture = Fixture::new();
    let mut all = vec![arguments[0], text(fixture.path())];
    all.extend(&arguments[1..]);
    let log = trace(&all, "fsync,linkat,rename,renameat,renameat2,write");
    (calls(&log), log)
}

#[test]
fn contents_before_names_objects_before_refs_refs_before_success() {
    if !can("order", &[Need::Strace]) {
        return;
    }
    // Three objects and a ref each; then nine objects and three refs each.
    for (arguments, names, renames) in [(APPENDS, Names::OrIntent, 12), (BATCHES, Names::First, 24)]
    {
        let (calls, log) = traced(arguments);
        let acknowledged = calls.iter().filter(|call| **call == Call::Acknowledged);
        assert!(acknowledged.count() >= 2, "{log}");
        assert_eq!(violations(&calls, names), Vec::<String>::new(), "{log}");
        let renamed = calls
            .iter()
            .filter(|call| matches!(call, Call::Renamed(..) | Call::Named(..)));
        assert_eq!(renamed.count(), renames, "{log}");
    }
}

#[test]
fn the_rules_of_order_can_be_broken() {
    if !can("order", &[Need::Strace]) {
        return;
    }
    let (relaxed, _) = traced(&["appends", "3", "w", "relaxed"]);
    assert!(violations(&relaxed, Names::OrIntent).len() >= 12);
    // Each single sync that is left out is missed.
    for (arguments, names) in [(APPENDS, Names::OrIntent), (BATCHES, Names::First)] {
        let (calls, _) = traced(arguments);
        let renamed = |path: &str| {
            calls.iter().any(|call| match call {
                Call::Renamed(from, to) => from == path || parent(to) == path,
                _ => false,
            })
        };
        for left_out in 0..calls.len() {
            let Call::Synchronised(path) = &calls[left_out] else {
                continue;
            };
            let by_intent = path.contains(INTENTS) && names == Names::OrIntent;
            if renamed(path) || by_intent {
                let mut rest = calls.clone();
                rest.remove(left_out);
                assert!(!violations(&rest, names).is_empty(), "{path} is not missed");
            }
        }
    }
}

/// The directories above a ref are asked about once, its own one each time.
#[test]
fn what_is_known_to_be_safe_is_not_asked_about_again() {
    if !can("order", &[Need::Strace]) {
        return;
    }
    let fixture = Fixture::new();
    let arguments = ["appends", text(fixture.path()), "3", "w", "durable"];
    let log = trace(&arguments, "fsync");
    let count = |what: &str| log.matches(what).count();
    assert_eq!(count("/refs/gatos/journal>"), 3, "{log}");
    assert_eq!((count("/refs/gatos>"), count("/refs>")), (1, 1), "{log}");
    // With their contents, and once they have a name.
    let (named, unnamed) = (count("/tmp_obj_"), count("/#"));
    assert_eq!((named + unnamed / 2, count(".lock>")), (9, 3), "{log}");
}

/// Threads that wait for the disk are started once, not for each transaction.
#[test]
fn threads_stay() {
    if !can("order", &[Need::Strace]) {
        return;
    }
    let fixture = Fixture::new();
    let arguments = ["appends", text(fixture.path()), "5", "w", "durable"];
    let mut driver = super::driver::Driver::start(&arguments);
    let options = ["-e", "trace=clone,clone3"];
    let strace = super::strace::Strace::attach(&driver, &options);
    driver.release();
    while driver.line().is_some() {}
    let started = strace.log().matches("clone3(").count();
    assert!((1..=7).contains(&started), "{}", strace.log());
}
