//! The NAR hash of a tree, against `nix hash path`: of many small files, and of two big ones.
//!
//! What that command takes to start is measured on an empty file and taken off, so that hashing is
//! compared with hashing. The line that is printed is of the tree that is worse for us.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark writes files, runs a rival, takes times and prints them"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use gatos_nix::nar;

const SMALL_FOLDERS: usize = 200;
const SMALL_FILES: usize = 100;
const LARGEST_SMALL_BYTES: usize = 8 << 10;
const BIG_FILES: usize = 2;
const BIG_BYTES: usize = 512 << 20;
const ROUNDS: usize = 7;
const WANT: f64 = 1.0;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, b"").unwrap();
    let trees = [
        ("small files", small(&folder.path().join("small"))),
        ("two big files", big(&folder.path().join("big"))),
    ];
    let start = median((0..ROUNDS).map(|_| rival(&empty)).collect());
    let measured = trees.map(|(name, tree)| {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(seconds(|| assert!(nar::hash(&tree).is_ok())));
            theirs.push(rival(&tree) - start);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        eprintln!(
            "{name}: {ours:.4} s to {theirs:.4} s, ratio {:.3}",
            theirs / ours
        );
        (ours, theirs)
    });
    let [first, second] = measured;
    let ratio = |(ours, theirs): (f64, f64)| theirs / ours;
    let worse = if ratio(first) < ratio(second) {
        first
    } else {
        second
    };
    println!(
        "{{\"bench\":\"nar-hash\",\"ours\":{:.6},\"rival\":{:.6},\"unit\":\"s\",\
         \"ratio\":{:.3},\"want\":{WANT}}}",
        worse.0,
        worse.1,
        ratio(worse)
    );
}

/// How long `nix hash path` takes; its answer must be ours.
fn rival(tree: &Path) -> f64 {
    let mut answer = String::new();
    let took = seconds(|| {
        let output = Command::new("nix")
            .args(["--extra-experimental-features", "nix-command"])
            .args(["hash", "path"])
            .arg(tree)
            .output()
            .unwrap();
        answer = String::from_utf8(output.stdout).unwrap();
    });
    assert_eq!(answer.trim(), nar::hash(tree).unwrap().to_sri());
    took
}

fn small(tree: &Path) -> PathBuf {
    for folder in 0..SMALL_FOLDERS {
        let folder = tree.join(format!("folder-{folder}"));
        fs::create_dir_all(&folder).unwrap();
        for file in 0..SMALL_FILES {
            let length = (file * 7919) % LARGEST_SMALL_BYTES;
            fs::write(folder.join(format!("file-{file}")), vec![b'x'; length]).unwrap();
        }
    }
    tree.to_owned()
}

fn big(tree: &Path) -> PathBuf {
    fs::create_dir_all(tree).unwrap();
    for file in 0..BIG_FILES {
        let bytes: Vec<u8> = (0..BIG_BYTES).map(|at| (at >> 9) as u8).collect();
        fs::write(tree.join(format!("file-{file}")), bytes).unwrap();
    }
    tree.to_owned()
}

fn seconds(act: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    act();
    begin.elapsed().as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
