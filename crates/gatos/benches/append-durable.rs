//! One durable append at a time, against the four plumbing commands with `core.fsync=all`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs a rival, takes times and prints them"
)]

mod ground;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use gatos::Unwatched;
use gatos::journal::append;

use crate::ground::{Ground, draft, report, seconds};

/// Appends of each that are not measured: they make most of the directories that objects lie in.
const BEFORE: usize = 100;
/// Appends of each; the two take turns, so that a slow minute hits both.
const ROUNDS: usize = 100;
const PAYLOAD_BYTES: usize = 1024;

fn main() {
    let (ground, plain) = (Ground::new(), Ground::new());
    let repository = ground.open();
    let journal = "bench".parse().unwrap();
    let (mut ours, mut rival, mut tip) = (Vec::new(), Vec::new(), None);
    for round in 0..BEFORE + ROUNDS {
        let drafts = vec![draft(round, PAYLOAD_BYTES)];
        let our_time = seconds(|| {
            append(&repository, &journal, drafts, &ground.key, &mut Unwatched).unwrap();
        });
        let payload = format!("{round:>PAYLOAD_BYTES$}");
        let rival_time =
            seconds(|| tip = Some(plumbing(plain.folder.path(), &payload, tip.as_deref())));
        if round >= BEFORE {
            ours.push(our_time);
            rival.push(rival_time);
        }
    }
    report("append-durable", (median(ours), median(rival)), 5.0);
}

/// Others use the disk too: now and then a call waits for theirs, and that is no property of either.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// hash-object, mktree, commit-tree, update-ref.
fn plumbing(folder: &Path, payload: &str, tip: Option<&str>) -> String {
    let blob = git(folder, &["hash-object", "-w", "--stdin"], payload);
    let tree = git(folder, &["mktree"], &format!("100644 blob {blob}\tbatch\n"));
    let mut arguments = vec!["commit-tree", &tree, "-m", "append"];
    arguments.extend(tip.iter().flat_map(|tip| ["-p", tip]));
    let commit = git(folder, &arguments, "");
    let old = tip.unwrap_or("0000000000000000000000000000000000000000");
    git(
        folder,
        &["update-ref", "refs/heads/bench", &commit, old],
        "",
    );
    commit
}

fn git(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .args([
            "-c",
            "core.fsync=all",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
        ])
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
