//! Telling the disk, and waiting once for many files: one flush of the device serves all who wait.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

/// Most threads that wait for the disk at once.
const MAX_THREADS: usize = 7;

/// Files and directories that are to be synchronised together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    files: Vec<(File, PathBuf)>,
    directories: BTreeSet<PathBuf>,
}

/// A file or directory that could not be synchronised. It must not be tried again: the kernel
/// reports a lost write once.
#[derive(Debug)]
pub(super) struct SyncFailure {
    pub(super) path: PathBuf,
    pub(super) source: io::Error,
}

impl Batch {
    /// Add an open file that lies, or will lie, at `path`.
    pub(super) fn file(&mut self, file: File, path: &Path) {
        self.files.push((file, path.to_owned()));
    }

    pub(super) fn directory(&mut self, path: &Path) {
        if !self.directories.contains(path) {
            self.directories.insert(path.to_owned());
        }
    }

    /// Wait until all of it is on the disk.
    pub(super) fn wait(mut self) -> Result<(), SyncFailure> {
        for path in self.directories {
            self.files.push(open_directory(path)?);
        }
        let (Some(last), threads) = (self.files.pop(), self.files.len().min(MAX_THREADS)) else {
            return Ok(());
        };
        let share = self.files.len().div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            let mut result = Ok(());
            let mut waiting = Vec::with_capacity(threads);
            for files in self.files.chunks(share) {
                let wait = move || files.iter().try_for_each(synchronise);
                match thread::Builder::new().spawn_scoped(scope, wait) {
                    Ok(thread) => waiting.push(thread),
                    // No more threads: one after the other, then.
                    Err(_) => result = result.and(wait()),
                }
            }
            result = result.and(synchronise(&last));
            for thread in waiting {
                let done = thread.join().unwrap_or_else(|panic| {
                    std::panic::resume_unwind(panic);
                });
                result = result.and(done);
            }
            result
        })
    }
}

/// Open a directory, or the nearest one above it if it was removed meanwhile because it was empty:
/// what is to be remembered then is its removal.
fn open_directory(mut path: PathBuf) -> Result<(File, PathBuf), SyncFailure> {
    loop {
        match File::open(&path) {
            Ok(directory) => return Ok((directory, path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.pop() => {}
            Err(source) => return Err(SyncFailure { path, source }),
        }
    }
}

fn synchronise((file, path): &(File, PathBuf)) -> Result<(), SyncFailure> {
    file.sync_all().map_err(|source| SyncFailure {
        path: path.clone(),
        source,
    })
}
