//! Folders to measure in.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::checkout;
use crate::failure::{Named, Outcome};

/// Folders of earlier measurements go when they are so old. For some minutes ext4 does not give out
/// numbers of files again that it took back, and passes over each of them whenever a file is made:
/// what is measured in a folder that was just emptied is mostly that.
const OLD: Duration = Duration::from_secs(600);

/// A new folder for the measurement `name`.
pub(super) fn fresh(name: &str) -> Outcome<PathBuf> {
    let all = checkout::target().join(format!("bench-{name}"));
    fs::create_dir_all(&all).named(all.display())?;
    for entry in fs::read_dir(&all).named(all.display())? {
        let path = entry.named(all.display())?.path();
        let made = path.metadata().and_then(|metadata| metadata.modified());
        let age = made.map(|made| made.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > OLD) {
            let removed = match path.is_dir() {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
            removed.named(path.display())?;
        }
    }
    let mut number = 0_u64;
    loop {
        let folder = all.join(number.to_string());
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.named(folder.display()).map(|()| folder),
        }
    }
}
