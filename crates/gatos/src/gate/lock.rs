//! Locks that programs have left behind when they were killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How old a lock is that nobody can still be holding: Git and the gate hold theirs for moments.
const STALE: Duration = Duration::from_secs(60);
/// Most folders below `refs` that are looked into.
const MAX_FOLDERS: usize = 100_000;
/// Most locks that are named.
const MAX_NAMED: usize = 50;
/// The files beside `refs` whose locks stand in the way of pushes.
const BESIDE: [&str; 4] = ["HEAD", "config", "packed-refs", "shallow"];

/// A lock that was left behind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stale {
    pub(super) path: PathBuf,
    pub(super) age: Duration,
}

/// The locks of refs, of packed refs, of `HEAD` and of the settings that are too old to be held, by path.
pub(super) fn stale(folder: &Path) -> Vec<Stale> {
    let mut found: Vec<Stale> = BESIDE
        .iter()
        .filter_map(|name| look(folder.join(format!("{name}.lock"))))
        .collect();
    let mut folders = vec![folder.join("refs")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        seen += 1;
        if seen > MAX_FOLDERS || found.len() > MAX_NAMED {
            break;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if path.extension().is_some_and(|end| end == "lock") => {
                    found.extend(look(path));
                }
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.truncate(MAX_NAMED);
    found
}

fn look(path: PathBuf) -> Option<Stale> {
    let changed = fs::symlink_metadata(&path).ok()?.modified().ok()?;
    let age = SystemTime::now().duration_since(changed).ok()?;
    (age >= STALE).then_some(Stale { path, age })
}

impl Stale {
    /// What is wrong, and what to do about it.
    pub(super) fn finding(&self) -> (String, String) {
        let (path, age) = (self.path.display(), in_words(self.age));
        let quoted = self.path.to_string_lossy().replace('\'', r"'\''");
        (
            format!("the lock `{path}` is {age} old, and whoever made it has died or stands still"),
            format!("when no command of Git and no push runs there: rm '{quoted}'"),
        )
    }
}

/// A time as people say it, in its largest unit.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
