//! Small events that fall into groups, and the fold that groups them.

use std::ops::Range;
use std::path::Path;

use gatos::fold::{FoldReport, ProgramSource, Request, run};
use gatos::journal::{Draft, append};
use gatos::{Repository, Unwatched, Value};
use gatos_core::keys::SecretKey;

use crate::ground::{Ground, draft};

/// The number and sum of each group.
const GROUP: &str = "function fold(state, event)
  local p = event.payload
  local g = state[p.group] or { n = 0, sum = 0 }
  g.n = g.n + 1
  g.sum = g.sum + p.mass
  state[p.group] = g
  return state
end";
/// Events that are signed and written at a time, so that memory stays small.
const PART: usize = 50_000;

/// Append small events with these numbers to the journal `bench`.
pub(crate) fn append_rows(ground: &Ground, numbers: Range<usize>) {
    let (repository, journal) = (ground.open(), "bench".parse().unwrap());
    let numbers: Vec<usize> = numbers.collect();
    for part in numbers.chunks(PART) {
        let drafts = part.iter().copied().map(row).collect();
        append(&repository, &journal, drafts, &ground.key, &mut Unwatched).unwrap();
    }
}

/// A small event of one of a hundred groups.
fn row(number: usize) -> Draft {
    let group = format!("group-{}", number % 100);
    let mass = i64::try_from(number % 1000).unwrap();
    let payload = Value::map([("group", Value::text(group)), ("mass", Value::from(mass))]);
    Draft {
        payload,
        ..draft(number, 0)
    }
}

/// Fold the journal `bench` of the repository in `folder`.
pub(crate) fn fold(folder: &Path, state: &str) -> FoldReport {
    let request = Request {
        state: state.parse().unwrap(),
        journal: "bench".parse().unwrap(),
        program: ProgramSource::Source(GROUP.to_owned(), "group.lua".to_owned()),
        every: None,
    };
    let repository = Repository::discover(folder).unwrap();
    let key = SecretKey::from_seed([7; 32]);
    run(&repository, &request, &key, &mut Unwatched).unwrap()
}

/// As [`fold`], after forgetting what was verified, so that every signature is verified.
pub(crate) fn fold_anew(folder: &Path, state: &str) -> FoldReport {
    match std::fs::remove_file(folder.join(".git/gatos/verified")) {
        Ok(()) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
    fold(folder, state)
}

/// The median of a few times.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
