//! Extending a fold of a million verified events by a thousand, against folding all of them.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes times and prints them"
)]

mod ground;
mod rows;

use crate::ground::{Ground, report, seconds};
use crate::rows::{append_rows, fold, fold_anew, median};

const EVENTS: usize = 1_000_000;
const MORE: usize = 1_000;
const ROUNDS: usize = 5;
/// Under 5 % of the full time.
const WANT: f64 = 20.0;

fn main() {
    let ground = Ground::new();
    append_rows(&ground, 0..EVENTS);
    let full = seconds(|| {
        let report = fold_anew(ground.folder.path(), "state");
        assert_eq!(report.folded, EVENTS as u64);
    });
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let first = EVENTS + round * MORE;
        append_rows(&ground, first..first + MORE);
        times.push(seconds(|| {
            let report = fold(ground.folder.path(), "state");
            assert_eq!(report.folded, MORE as u64);
        }));
    }
    report("fold-extend", (median(times), full), WANT);
}
