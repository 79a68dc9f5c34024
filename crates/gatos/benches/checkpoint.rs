//! One checkpoint after 10 of 1,000,000 keys changed, durable, against encoding the state once.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark takes times and prints them"
)]

mod chain;
mod ground;

use std::path::Path;

use gatos_core::cbor;

use crate::chain::Chain;
use crate::ground::{report, seconds};

const ROUNDS: usize = 7;
/// At most 1.2 times as long as encoding.
const WANT: f64 = 1.0 / 1.2;
/// Most bytes that a checkpoint writes.
const MAX_BYTES: u64 = 100_000;

fn main() {
    let mut chain = Chain::new();
    chain.checkpoint();
    let objects = chain.ground.folder.path().join(".git/objects");
    let (mut ours, mut rival, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        chain.change(round);
        let before = bytes_below(&objects);
        ours.push(seconds(|| chain.checkpoint()));
        written.push(bytes_below(&objects) - before);
        rival.push(seconds(|| {
            drop(std::hint::black_box(cbor::encode(&chain.state)))
        }));
    }
    eprintln!("bytes written by each checkpoint: {written:?}");
    assert!(
        written.iter().all(|bytes| *bytes < MAX_BYTES),
        "a checkpoint writes {MAX_BYTES} bytes or more"
    );
    report("checkpoint", (median(ours), median(rival)), WANT);
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Bytes of all files in a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let bytes = entries.map(|entry| match entry.metadata().unwrap() {
        file if file.is_dir() => bytes_below(&entry.path()),
        file => file.len(),
    });
    bytes.sum()
}
