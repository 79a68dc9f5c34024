//! Compare-and-swap of several refs that survives concurrent packing: lock every ref, read it again
//! from disk, compare, and only then rename the locks onto the refs.
//!
//! While a ref is locked its value cannot change, only where it is kept: `git pack-refs` needs the
//! same lock to remove a loose ref, and so does every writer. What was read before the lock was
//! taken, or from a snapshot of `packed-refs`, proves nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::intent::{self, Intent};
use super::lock::{Lock, LockFailure};
use super::sync::Batch;
use super::{Conflict, Edit, Expected, TransactionError, packed};
use crate::name::RefName;
use crate::object::ObjectId;
use crate::refs::Packed;
use crate::repository::Repository;

/// How long one try waits for one lock.
const LOCK_PATIENCE: Duration = Duration::from_millis(100);
/// How long to sleep between two looks at a lock.
const LOCK_POLL: Duration = Duration::from_millis(1);
/// How often a directory may vanish between being made and being used.
const VANISHING_TRIES: u32 = 100;

/// Changes of refs, in the order of their names, which is the order of locking.
pub(super) type Edits = BTreeMap<RefName, Edit>;
/// The locks of refs.
pub(super) type Locks = BTreeMap<RefName, Lock>;

/// Changes of refs that are made together.
#[derive(Clone, Copy)]
pub(super) struct Swap<'a> {
    pub(super) repository: &'a Repository,
    pub(super) edits: &'a Edits,
    pub(super) guards: &'a BTreeMap<RefName, Expected>,
}

/// Why refs were not all changed, and which were.
pub(super) struct CommitFailure {
    pub(super) moved: Vec<RefName>,
    pub(super) error: Box<TransactionError>,
}

impl Swap<'_> {
    /// Take every lock, or say which file is in the way.
    pub(super) fn lock(
        &self,
        mut intent: Option<&mut Intent>,
    ) -> Result<Result<Locks, PathBuf>, TransactionError> {
        let mut locks = Locks::new();
        for name in self.edits.keys() {
            let lock = match self.lock_one(name)? {
                Ok(lock) => lock,
                Err(path) => return Ok(Err(path)),
            };
            if let Some(intent) = &mut intent {
                intent
                    .took(name, &lock)
                    .map_err(|source| io_failure(&intent::directory(self.repository), source))?;
            }
            locks.insert(name.clone(), lock);
        }
        Ok(Ok(locks))
    }

    fn lock_one(&self, name: &RefName) -> Result<Result<Lock, PathBuf>, TransactionError> {
        let resource = self.repository.ref_path(name);
        let boundary = self.repository.common_dir().join("refs");
        let mut waited = Duration::ZERO;
        let mut vanished = 0;
        loop {
            match Lock::acquire(&resource, &boundary) {
                Ok(lock) => return Ok(Ok(lock)),
                Err(LockFailure::Held(path)) if waited >= LOCK_PATIENCE => return Ok(Err(path)),
                Err(LockFailure::Held(_)) => {
                    let pause = super::apply::jittered(LOCK_POLL);
                    thread::sleep(pause);
                    waited += pause;
                }
                Err(LockFailure::Vanished) if vanished < VANISHING_TRIES => vanished += 1,
                Err(LockFailure::Vanished) => {
                    self.check_names()?;
                    return Err(io_failure(&resource, io::ErrorKind::NotFound.into()));
                }
                Err(LockFailure::Io(path, source)) => {
                    self.check_names()?;
                    return Err(io_failure(&path, source));
                }
            }
        }
    }

    /// The first ref that is not as expected. Means nothing unless the locks are held.
    pub(super) fn compare(&self) -> Result<Option<Conflict>, TransactionError> {
        let edits = self.edits.iter().map(|(name, edit)| (name, edit.old()));
        let guards = self.guards.iter().map(|(name, old)| (name, old.id()));
        for (name, old) in edits.chain(guards) {
            let actual = self.current(name)?;
            if actual != old {
                let name = name.clone();
                return Ok(Some(Conflict { name, actual }));
            }
        }
        Ok(None)
    }

    fn current(&self, name: &RefName) -> Result<Option<ObjectId>, TransactionError> {
        self.repository
            .find_ref(name)
            .map_err(|source| TransactionError::Ref {
                name: name.clone(),
                source,
            })
    }

    /// Refuse a new ref above or below another, be that loose, packed or in this transaction.
    pub(super) fn check_names(&self) -> Result<(), TransactionError> {
        let new = |edit: &Edit| edit.expected == Expected::Absent;
        if !self.edits.values().any(new) {
            return Ok(());
        }
        for (name, _) in self.edits.iter().filter(|(_, edit)| new(edit)) {
            let conflict = |other: &str| TransactionError::NameConflict {
                name: name.clone(),
                other: other.to_owned(),
            };
            let failed = |source| TransactionError::Ref {
                name: name.clone(),
                source,
            };
            let packed = Packed::open(self.repository).map_err(failed)?;
            for above in name.ancestors() {
                let path = self.repository.common_dir().join(above);
                let edited = self.edits.keys().any(|other| other.as_str() == above);
                let loose = fs::symlink_metadata(&path).is_ok_and(|file| !file.is_dir());
                if edited || loose || packed.find(above).map_err(failed)?.is_some() {
                    return Err(conflict(above));
                }
            }
            // What is at the name itself is compared under the lock.
            if self.repository.ref_path(name).is_dir() || packed.has_below(name.as_str()) {
                let below = self.repository.refs_under(name).map_err(failed)?;
                if let Some((other, _)) = below.iter().find(|(other, _)| other != name) {
                    return Err(conflict(other.as_str()));
                }
            }
        }
        Ok(())
    }

    /// Write into each lock what its ref is to hold.
    pub(super) fn fill(&self, locks: &mut Locks) -> Result<(), TransactionError> {
        for (name, lock) in locks {
            if let Some(new) = self.edits.get(name).and_then(|edit| edit.new) {
                lock.write(format!("{new}\n").as_bytes())
                    .map_err(|source| io_failure(lock.path(), source))?;
            }
        }
        Ok(())
    }

    /// Change the refs, one after the other; what is to be synchronised is added to `batch`.
    pub(super) fn commit(&self, locks: Locks, batch: &mut Batch<'_>) -> Result<(), CommitFailure> {
        let root = self.repository.common_dir().join("refs");
        let mut moved = Vec::new();
        let deleted: Vec<_> = self
            .edits
            .iter()
            .filter(|(_, edit)| edit.new.is_none())
            .map(|(name, _)| name)
            .collect();
        if !deleted.is_empty()
            && let Err(error) = packed::remove(self.repository, &deleted, batch)
        {
            let error = Box::new(error);
            return Err(CommitFailure { moved, error });
        }
        for (name, lock) in locks {
            let path = self.repository.ref_path(&name);
            let new = self.edits.get(&name).and_then(|edit| edit.new);
            if self.edits.len() == 1 {
                self.repository.outlive(&path);
            }
            let done = match new {
                Some(_) => put_in_place(&path, lock),
                None => delete_loose(&path),
            };
            if let Err(source) = done {
                let error = Box::new(io_failure(&path, source));
                // What was packed is gone already.
                let gone = deleted.into_iter().filter(|name| !moved.contains(name));
                let gone: Vec<_> = gone.cloned().collect();
                moved.extend(gone);
                return Err(CommitFailure { moved, error });
            }
            if let Some(directory) = path.parent() {
                batch.directory_below(directory, &root);
            }
            moved.push(name);
        }
        Ok(())
    }
}

/// Rename a lock onto its ref.
fn put_in_place(path: &Path, lock: Lock) -> io::Result<()> {
    match lock.commit() {
        Ok(()) => Ok(()),
        Err((error, Some(lock))) if error.kind() == io::ErrorKind::IsADirectory => {
            // An empty directory is left where refs below this name were.
            remove_empty_directories(path);
            lock.commit().map_err(|(error, _)| error)
        }
        Err((error, _)) => Err(error),
    }
}

fn delete_loose(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Remove `path` if it is a directory that holds nothing but empty directories.
fn remove_empty_directories(path: &Path) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                remove_empty_directories(&entry.path());
            }
        }
        // Fails if something is in it, and then the caller's next step fails too.
        let _ = fs::remove_dir(path);
    }
}

pub(super) fn io_failure(path: &Path, source: io::Error) -> TransactionError {
    TransactionError::Io {
        path: path.to_owned(),
        source,
    }
}
