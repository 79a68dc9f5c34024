//! What the disk is told of a push, and when: read off the system calls of everything that it starts.

use std::collections::BTreeMap;

use super::with_server;
use crate::lab::Lab;

/// One call that matters, and the process that made it.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Call {
    Synchronised(u32, String),
    /// Everything that was written before is on the disk
    AllSynchronised,
    /// A value was written into a lock
    Written(String),
    Renamed(u32, String, String),
    /// The gate tells Git that a push is applied
    Accepted,
}

/// The calls of a log that `strace -f -y` wrote, in the order in which they ended.
fn calls(log: &str) -> Vec<Call> {
    let mut found = Vec::new();
    let mut begun = BTreeMap::new();
    for line in log.lines() {
        let (process, rest) = line.split_once(' ').unwrap_or_default();
        let Ok(process) = process.parse::<u32>() else {
            continue;
        };
        let mut rest = rest.trim_start().to_owned();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            begun.insert(process, begin.to_owned());
            continue;
        }
        if rest.starts_with("<... ") {
            let end = rest.split_once("resumed>").unwrap_or_default().1;
            rest = begun.remove(&process).unwrap_or_default() + end;
        }
        if rest.contains(" = -1 ") {
            continue;
        }
        if let Some(descriptor) = rest.strip_prefix("fsync(") {
            let path = descriptor.split(['<', '>']).nth(1).unwrap_or_default();
            found.push(Call::Synchronised(process, path.to_owned()));
        } else if rest.starts_with("syncfs(") {
            found.push(Call::AllSynchronised);
        } else if rest.starts_with("rename") {
            let names: Vec<&str> = rest.split('"').collect();
            found.push(Call::Renamed(
                process,
                names[1].to_owned(),
                names[3].to_owned(),
            ));
        } else if rest.starts_with("write(") && rest.contains("ok refs/") {
            found.push(Call::Accepted);
        } else if rest.starts_with("write(") {
            let path = rest.split(['<', '>']).nth(1).unwrap_or_default();
            if path.contains("/server.git/refs/") && path.ends_with(".lock") {
                found.push(Call::Written(path.to_owned()));
            }
        }
    }
    found
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').unwrap_or_default().0
}

/// What the disk was not told in time, and the refs that were moved.
fn violations(calls: &[Call]) -> (Vec<String>, usize) {
    let (mut wrong, mut moved) = (Vec::new(), 0);
    let (mut written, mut synchronised): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    // Folders with new names that may not be on the disk.
    let mut open: Vec<&str> = Vec::new();
    for call in calls {
        match call {
            Call::Synchronised(_, path) => {
                open.retain(|folder| folder != path);
                synchronised.push(path);
            }
            Call::Written(path) => written.push(path),
            Call::AllSynchronised => {
                open.clear();
                synchronised.append(&mut written);
            }
            Call::Renamed(_, from, to) if to.contains("/server.git/refs/") => {
                moved += 1;
                if !synchronised.contains(&from.as_str()) {
                    wrong.push(format!("`{to}` got its name before its content was safe"));
                }
                open.push(parent(to));
            }
            Call::Renamed(..) => {}
            Call::Accepted => {
                wrong.extend(open.iter().map(|path| format!("`{path}` was not safe yet")));
                return (wrong, moved);
            }
        }
    }
    wrong.push("the push was not accepted".to_owned());
    (wrong, moved)
}

/// The calls of `script`; none where there is no `strace`.
fn traced(lab: &Lab, script: &str) -> Option<Vec<Call>> {
    if lab.run("strace -f true").code != 0 {
        return None;
    }
    // Over a path: what an SSH server starts is not traced.
    lab.ok(&format!(
        "rm -f ../.gitconfig; strace -f -y -s 300 -o ../trace -e trace=fsync,syncfs,rename,renameat,renameat2,write {script}"
    ));
    Some(calls(&lab.ok("cat ../trace")))
}

#[test]
fn every_ref_of_a_push_is_on_the_disk_before_it_is_accepted() {
    let lab = with_server();
    lab.ok("gatos -q event append m --type t '{}'");
    let push = "git push -q origin refs/gatos/journal/m $(seq -f HEAD:refs/heads/a/%g 10) \
                $(seq -f HEAD:refs/tags/b/%g 10)";
    let Some(calls) = traced(&lab, push) else {
        return;
    };
    let (wrong, moved) = violations(&calls);
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(moved, 21);
    // Git, which moves them, has waited for none of them itself: that would be one after the other.
    let movers: Vec<u32> = calls
        .iter()
        .filter_map(|call| match call {
            Call::Renamed(process, _, to) if to.contains("/server.git/refs/") => Some(*process),
            _ => None,
        })
        .collect();
    assert!(movers.windows(2).all(|two| two[0] == two[1]), "{movers:?}");
    let waits =
        |call: &&Call| matches!(call, Call::Synchronised(process, _) if *process == movers[0]);
    assert_eq!(calls.iter().filter(waits).count(), 0);
    // Negative control: each single wait that is left out is missed.
    let renamed = |path: &str| {
        calls.iter().any(|call| match call {
            Call::Renamed(_, from, to) if to.contains("/server.git/refs/") => {
                from == path || parent(to) == path
            }
            _ => false,
        })
    };
    let mut left_out = 0;
    for (number, call) in calls.iter().enumerate() {
        let Call::Synchronised(_, path) = call else {
            continue;
        };
        if renamed(path) {
            let mut rest = calls.clone();
            rest.remove(number);
            assert!(!violations(&rest).0.is_empty(), "{path} is not missed");
            left_out += 1;
        }
    }
    assert!(left_out >= 24, "{left_out}");
}

/// Of many, the gate waits for the whole file system, unless the machine has much else to write.
#[test]
fn many_refs_of_a_push_are_on_the_disk_before_it_is_accepted() {
    let lab = with_server();
    let push = "git push -q origin $(seq -f HEAD:refs/heads/a/%g 60)";
    let Some(calls) = traced(&lab, push) else {
        return;
    };
    assert_eq!(violations(&calls), (Vec::new(), 60));
    let at = |call: &Call| *call == Call::AllSynchronised;
    if let Some(number) = calls.iter().position(at) {
        let mut rest = calls.clone();
        rest.remove(number);
        // One of the files is asked about besides.
        assert!(violations(&rest).0.len() >= 59, "it is not missed");
    }
}

/// Where something is deleted, Git may write all packed refs anew, and waits for that itself.
#[test]
fn packed_refs_are_on_the_disk_before_they_are_replaced() {
    let lab = with_server();
    lab.ok("git push -q origin HEAD:refs/heads/a HEAD:refs/heads/b && git -C ../server.git pack-refs --all");
    let Some(calls) = traced(&lab, "git push -q origin :refs/heads/a HEAD:refs/heads/c") else {
        return;
    };
    assert_eq!(violations(&calls).0, Vec::<String>::new());
    let replaced = calls.iter().position(
        |call| matches!(call, Call::Renamed(_, _, to) if to.ends_with("/server.git/packed-refs")),
    );
    let (before, _) = calls.split_at(replaced.unwrap());
    let Call::Renamed(_, written, _) = &calls[before.len()] else {
        unreachable!("it was looked for");
    };
    let safe = |call: &Call| matches!(call, Call::Synchronised(_, path) if path == written);
    assert!(before.iter().any(safe), "{calls:?}");
    lab.ok("test \"$(git -C ../server.git for-each-ref --format='%(refname:short)' refs/heads | tr '\\n' ' ')\" = 'b c main '");
}
