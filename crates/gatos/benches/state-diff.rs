//! What two states of 1,000,000 keys hold differently, of which 10 changed, against 20 milliseconds.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes times and prints them"
)]

mod chain;
mod ground;

use gatos::fold::diff;

use crate::chain::{CHANGED, Chain};
use crate::ground::{report, seconds};

const ROUNDS: usize = 11;
/// What it may take, in seconds.
const BUDGET: f64 = 0.020;

fn main() {
    let mut chain = Chain::new();
    chain.checkpoint();
    chain.change(0);
    chain.checkpoint();
    let (old, new) = ("bench@0".parse().unwrap(), "bench@1".parse().unwrap());
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            seconds(|| {
                // All of the command but starting it.
                let found = diff(&chain.ground.open(), (&old, &new), 100).unwrap();
                assert_eq!(found.count, CHANGED as u64);
            })
        })
        .collect();
    times.sort_by(f64::total_cmp);
    report("state-diff", (times[ROUNDS / 2], BUDGET), 1.0);
}
