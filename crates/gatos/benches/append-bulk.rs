//! A bulk append of signed events, against `git fast-import` writing as many commits.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs a rival, takes times and prints them"
)]

mod ground;

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use gatos::Unwatched;
use gatos::journal::append;

use crate::ground::{Ground, draft, report, seconds};

const EVENTS: usize = 100_000;
const PAYLOAD_BYTES: usize = 100;

fn main() {
    let (ground, plain) = (Ground::new(), Ground::new());
    let repository = ground.open();
    let journal = "bench".parse().unwrap();
    let drafts = (0..EVENTS)
        .map(|number| draft(number, PAYLOAD_BYTES))
        .collect();
    let ours = seconds(|| {
        append(&repository, &journal, drafts, &ground.key, &mut Unwatched).unwrap();
    });
    let rival = seconds(|| fast_import(plain.folder.path()));
    report("append-bulk", (ours, rival), 1.0);
}

fn fast_import(folder: &Path) {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = BufWriter::new(child.stdin.take().unwrap());
    for number in 0..EVENTS {
        let payload = format!("{number:>PAYLOAD_BYTES$}");
        writeln!(input, "commit refs/heads/bench").unwrap();
        writeln!(input, "committer a <a@example.org> 0 +0000\ndata 6\nappend").unwrap();
        writeln!(
            input,
            "M 100644 inline event\ndata {PAYLOAD_BYTES}\n{payload}"
        )
        .unwrap();
    }
    input.flush().unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}
