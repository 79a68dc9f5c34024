//! Locks and temporary files of processes that have died.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};

use super::{LeftoverError, turn};
use crate::refs::FindRefError;
use crate::repository::Repository;

/// Names of temporary files: Git's, ours, and those of the Git library, which `git gc` ignores.
const TEMPORARY_PREFIXES: [&str; 4] = ["tmp_obj_", "tmp_pack_", "tmp_idx_", ".tmp"];

/// What was left behind in a repository.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Lock files, in order of path. Some may be held.
    pub locks: Vec<StaleLock>,
    /// Temporary files among the objects, in order of path. Some may be in use.
    pub temporaries: Vec<TemporaryFile>,
    /// Refs of GATOS that cannot be read
    pub refs: Vec<FindRefError>,
}

/// A lock file, and how it is known that nobody holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StaleLock {
    /// The file
    pub path: PathBuf,
    /// How long ago it was last written
    pub age: Duration,
    /// Why nobody holds it
    pub proof: Proof,
}

/// How it is known that nobody holds a lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// It is older than the running system
    BeforeBoot,
    /// It is only old: Git holds locks for seconds at most
    Age,
}

/// A temporary file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemporaryFile {
    /// The file
    pub path: PathBuf,
    /// How long ago it was last written
    pub age: Duration,
    /// Its size in bytes
    pub bytes: u64,
}

impl Repository {
    /// What crashes have left behind: locks, temporary files and damaged refs.
    ///
    /// # Errors
    /// [`LeftoverError::Io`] if a directory cannot be read.
    pub fn leftovers(&self) -> Result<Leftovers, LeftoverError> {
        let mut found = Leftovers::default();
        let common = self.common_dir();
        for name in ["HEAD.lock", "packed-refs.lock"] {
            found.locks.extend(stale_lock(common.join(name))?);
        }
        for path in files_below(&common.join("refs/gatos"))? {
            if path
                .extension()
                .is_some_and(|extension| extension == "lock")
            {
                found.locks.extend(stale_lock(path)?);
            }
        }
        for path in files_below(&self.objects_dir())? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if TEMPORARY_PREFIXES
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                found.temporaries.extend(temporary(path)?);
            }
        }
        found.refs = self.damaged_refs();
        Ok(found)
    }

    /// Remove temporary files that are older than `age`, and give their paths.
    ///
    /// # Errors
    /// [`LeftoverError`]; what was removed until then stays so.
    pub fn remove_temporaries(&self, age: Duration) -> Result<Vec<PathBuf>, LeftoverError> {
        let leftovers = self.leftovers()?;
        let old = leftovers.temporaries.into_iter();
        remove(old.filter(|file| file.age > age).map(|file| file.path))
    }

    /// Remove locks that nobody can hold: those older than the running system, and those older
    /// than `age`. Locks that belong to transactions of dead processes need no age: they are
    /// removed by [`Repository::recover`], which this does first.
    ///
    /// # Errors
    /// [`LeftoverError`]; what was removed until then stays so.
    pub fn remove_stale_locks(&self, age: Duration) -> Result<Vec<PathBuf>, LeftoverError> {
        let path = self.common_dir().join("gatos/maintenance");
        let fail = |source| LeftoverError::Io {
            path: path.clone(),
            source,
        };
        // Two processes must not judge the same lock: one would remove its successor.
        let file = turn::open(&path).map_err(fail)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(LeftoverError::Busy {
                    path: self.common_dir().to_owned(),
                });
            }
            Err(error) => return Err(fail(error.into())),
        }
        let recovery = self
            .recover()
            .map_err(|error| fail(io::Error::other(error)))?;
        let held = self
            .locks_of_the_living()
            .map_err(|source| LeftoverError::Io {
                path: self.common_dir().join("gatos/intents"),
                source,
            })?;
        let stale = self.leftovers()?.locks.into_iter().filter(|lock| {
            !held.contains(&lock.path) && (lock.proof == Proof::BeforeBoot || lock.age > age)
        });
        let mut removed = remove(stale.map(|lock| lock.path))?;
        removed.extend(recovery.locks);
        removed.sort();
        Ok(removed)
    }
}

/// The lock at `path`, if it is there.
fn stale_lock(path: PathBuf) -> Result<Option<StaleLock>, LeftoverError> {
    let Some((written, _)) = written(&path)? else {
        return Ok(None);
    };
    let before_boot = booted().is_some_and(|boot| written < boot);
    Ok(Some(StaleLock {
        path,
        age: written.elapsed().unwrap_or_default(),
        proof: if before_boot {
            Proof::BeforeBoot
        } else {
            Proof::Age
        },
    }))
}

fn temporary(path: PathBuf) -> Result<Option<TemporaryFile>, LeftoverError> {
    Ok(written(&path)?.map(|(written, bytes)| TemporaryFile {
        path,
        age: written.elapsed().unwrap_or_default(),
        bytes,
    }))
}

/// When a file was last written and how large it is, if it is there.
fn written(path: &Path) -> Result<Option<(SystemTime, u64)>, LeftoverError> {
    let read = fs::symlink_metadata(path)
        .and_then(|file| file.modified().map(|written| (written, file.len())));
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LeftoverError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// When the system was started, by its own clock and with room for its adjustments.
fn booted() -> Option<SystemTime> {
    const MARGIN: Duration = Duration::from_secs(60);
    let text = fs::read_to_string("/proc/uptime").ok()?;
    let seconds: u64 = text.split('.').next()?.parse().ok()?;
    SystemTime::now().checked_sub(Duration::from_secs(seconds) + MARGIN)
}

/// Every file below `directory`, in order of path.
fn files_below(directory: &Path) -> Result<Vec<PathBuf>, LeftoverError> {
    let mut files = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(path) = pending.pop() {
        let fail = |source| LeftoverError::Io {
            path: path.clone(),
            source,
        };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fail(error)),
        };
        for entry in entries {
            let entry = entry.map_err(fail)?;
            if entry.file_type().map_err(fail)?.is_dir() {
                pending.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn remove(paths: impl Iterator<Item = PathBuf>) -> Result<Vec<PathBuf>, LeftoverError> {
    let mut removed = Vec::new();
    for path in paths {
        match fs::remove_file(&path) {
            Ok(()) => removed.push(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(LeftoverError::Io { path, source }),
        }
    }
    Ok(removed)
}
