//! What the benchmarks stand on: a repository with a founder, events, and the line of a result.

use std::time::Instant;

use gatos::journal::Draft;
use gatos::repository::{Options, init};
use gatos::{Repository, Value};
use gatos_core::keys::SecretKey;
use tempfile::TempDir;

/// A repository with a founder.
pub(crate) struct Ground {
    pub(crate) folder: TempDir,
    pub(crate) key: SecretKey,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        gatos_git::Repository::init(folder.path()).unwrap();
        let key = SecretKey::from_seed([7; 32]);
        let actor = "bench".parse().unwrap();
        let options = Options {
            actor,
            profile: "default",
            signer: &key,
            rules: None,
        };
        init(folder.path(), &options).unwrap();
        Self { folder, key }
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(self.folder.path()).unwrap()
    }
}

/// An event whose payload has about `bytes` bytes.
pub(crate) fn draft(number: usize, bytes: usize) -> Draft {
    let text = format!("{number:>bytes$}");
    let payload = Value::map([("text", Value::text(text))]);
    Draft {
        event_type: "bench".to_owned(),
        payload,
        ulid: None,
        ts: None,
    }
}

/// How long something takes, in seconds.
pub(crate) fn seconds(act: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    act();
    begin.elapsed().as_secs_f64()
}

/// Print the one line that `cargo xtask bench` reads; both figures are seconds for the same work.
pub(crate) fn report(bench: &str, (ours, rival): (f64, f64), want: f64) {
    let ratio = rival / ours;
    println!(
        "{{\"bench\":\"{bench}\",\"ours\":{ours:.6},\"rival\":{rival:.6},\"unit\":\"s\",\
         \"ratio\":{ratio:.3},\"want\":{want}}}"
    );
}
