//! Compare-and-swap of several refs that survives concurrent packing, maintenance and power loss.
//!
//! Order: lock every ref; read it again from disk and compare; write objects and lock files and
//! synchronise them; put the objects in place and synchronise their directories; rename the locks
//! onto the refs and synchronise those directories. Only then is the transaction reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::lock::{Lock, LockFailure, age};
use super::store::Store;
use super::{Conflict, Durability, Edit, Expected, Outcome, Transaction, TransactionError, sync};
use crate::name::RefName;
use crate::object::{MAX_COMMIT_BYTES, ObjectId, ObjectKind, ReadError};
use crate::refs::Packed;

/// How often a transaction is tried while locks are held by others.
const TRIES: u32 = 5;
/// The first and the longest pause between two tries.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(500));
/// How long one try waits for one lock.
const LOCK_PATIENCE: Duration = Duration::from_millis(100);
/// How long to sleep between two looks at a lock.
const LOCK_POLL: Duration = Duration::from_millis(1);
/// How often a directory may vanish between being made and being used.
const VANISHING_TRIES: u32 = 20;

/// How one try ended.
enum Try {
    Done(Outcome),
    Held(PathBuf),
}

impl Transaction {
    /// Write the objects, then change every ref, or none if one is not as expected.
    ///
    /// # Errors
    /// [`TransactionError`]; no ref was changed, except where the variant says so.
    pub fn apply(self) -> Result<Outcome, TransactionError> {
        let mut backoff = BACKOFF.0;
        let mut held = PathBuf::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                thread::sleep(jittered(backoff));
                backoff = (backoff * 2).min(BACKOFF.1);
            }
            match self.try_once()? {
                Try::Done(outcome) => return Ok(outcome),
                Try::Held(path) => held = path,
            }
        }
        Err(TransactionError::Locked {
            age: age(&held),
            path: held,
        })
    }

    fn try_once(&self) -> Result<Try, TransactionError> {
        self.check_names()?;
        let mut locks = BTreeMap::new();
        for name in self.edits.keys() {
            match self.lock(name)? {
                Ok(lock) => locks.insert(name.clone(), lock),
                Err(path) => return Ok(Try::Held(path)),
            };
        }
        // Under the locks the values of the refs can no longer change, only their location.
        for (name, edit) in &self.edits {
            let actual = self.current(name)?;
            let expected = match edit.expected {
                Expected::Absent => None,
                Expected::At(id) => Some(id),
            };
            if actual != expected {
                let name = name.clone();
                return Ok(Try::Done(Outcome::Conflict(Conflict { name, actual })));
            }
        }
        self.check_names()?;
        self.check_targets()?;
        for (name, edit) in &self.edits {
            if let (Some(lock), Some(new)) = (locks.get_mut(name), edit.new) {
                let line = format!("{new}\n");
                lock.write(line.as_bytes())
                    .map_err(|source| TransactionError::Io {
                        path: lock.path().to_owned(),
                        source,
                    })?;
            }
        }
        self.write_objects(&locks)?;
        self.commit_refs(locks)?;
        Ok(Try::Done(Outcome::Applied))
    }

    /// Take the lock of one ref, or say which file is in the way.
    fn lock(&self, name: &RefName) -> Result<Result<Lock, PathBuf>, TransactionError> {
        let resource = self.repository.ref_path(name);
        let boundary = self.repository.common_dir().join("refs");
        let mut waited = Duration::ZERO;
        let mut vanished = 0;
        loop {
            match Lock::acquire(&resource, &boundary) {
                Ok(lock) => return Ok(Ok(lock)),
                Err(LockFailure::Held(path)) => {
                    if waited >= LOCK_PATIENCE {
                        return Ok(Err(path));
                    }
                    let pause = jittered(LOCK_POLL);
                    thread::sleep(pause);
                    waited += pause;
                }
                Err(LockFailure::Vanished) if vanished < VANISHING_TRIES => vanished += 1,
                Err(LockFailure::Vanished) => {
                    self.check_names()?;
                    return Err(TransactionError::Io {
                        path: resource,
                        source: io::ErrorKind::NotFound.into(),
                    });
                }
                Err(LockFailure::Io(path, source)) => {
                    self.check_names()?;
                    return Err(TransactionError::Io { path, source });
                }
            }
        }
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
    fn check_names(&self) -> Result<(), TransactionError> {
        for (name, edit) in &self.edits {
            if edit.expected != Expected::Absent {
                continue;
            }
            let conflict = |other: &str| TransactionError::NameConflict {
                name: name.clone(),
                other: other.to_owned(),
            };
            let failed = |source| TransactionError::Ref {
                name: name.clone(),
                source,
            };
            let packed = Packed::open(&self.repository).map_err(failed)?;
            for above in name.ancestors() {
                let path = self.repository.common_dir().join(above);
                let edited = self.edits.keys().any(|other| other.as_str() == above);
                let loose = fs::symlink_metadata(&path).is_ok_and(|file| !file.is_dir());
                if edited || loose || packed.find(above).map_err(failed)?.is_some() {
                    return Err(conflict(above));
                }
            }
            // What is at the name itself is compared under the lock.
            let below = self.repository.refs_under(name).map_err(failed)?;
            if let Some((other, _)) = below.iter().find(|(other, _)| other != name) {
                return Err(conflict(other.as_str()));
            }
        }
        Ok(())
    }

    /// Every ref must come to point to a commit that is there, with what it refers to directly.
    fn check_targets(&self) -> Result<(), TransactionError> {
        for (name, edit) in &self.edits {
            let Some(new) = edit.new else { continue };
            self.check_commit(&new)
                .map_err(|source| TransactionError::Target {
                    name: name.clone(),
                    source,
                })?;
        }
        Ok(())
    }

    fn check_commit(&self, id: &ObjectId) -> Result<(), ReadError> {
        let staged = self.staged.iter().find(|object| object.id == *id);
        let Some(staged) = staged else {
            return self
                .repository
                .read_object(id, ObjectKind::Commit, MAX_COMMIT_BYTES)
                .map(|_| ());
        };
        if staged.kind != ObjectKind::Commit {
            return Err(ReadError::Kind {
                id: *id,
                expected: ObjectKind::Commit,
                found: staged.kind,
            });
        }
        Ok(())
    }

    fn write_objects(&self, locks: &BTreeMap<RefName, Lock>) -> Result<(), TransactionError> {
        let mut store = Store::new(&self.repository);
        let mut written = Vec::new();
        for object in &self.staged {
            written.extend(store.write(object)?);
        }
        if self.durability == Durability::Durable {
            for object in &written {
                sync::file(object.file(), object.place())?;
            }
            for lock in locks.values() {
                sync::file(lock.file(), lock.path())?;
            }
        }
        let mut directories = BTreeSet::new();
        for object in written {
            object.publish(&mut directories)?;
        }
        if self.durability == Durability::Durable {
            sync::directories(&directories)?;
        }
        Ok(())
    }

    fn commit_refs(&self, locks: BTreeMap<RefName, Lock>) -> Result<(), TransactionError> {
        let root = self.repository.common_dir().join("refs");
        let mut directories = BTreeSet::new();
        for (name, lock) in locks {
            let path = self.repository.ref_path(&name);
            self.commit_ref(&path, lock, self.edits[&name])?;
            let above = path.ancestors().skip(1);
            directories.extend(
                above
                    .take_while(|path| path.starts_with(&root))
                    .map(Path::to_owned),
            );
        }
        if self.durability == Durability::Durable {
            sync::directories(&directories)?;
        }
        Ok(())
    }

    fn commit_ref(&self, path: &Path, lock: Lock, edit: Edit) -> Result<(), TransactionError> {
        let _ = edit;
        match lock.commit() {
            Ok(()) => Ok(()),
            Err((error, lock)) if error.kind() == io::ErrorKind::IsADirectory => {
                // An empty directory is left where refs below this name were.
                remove_empty_directories(path);
                lock.commit().map_err(|(source, _)| TransactionError::Io {
                    path: path.to_owned(),
                    source,
                })
            }
            Err((source, _)) => Err(TransactionError::Io {
                path: path.to_owned(),
                source,
            }),
        }
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

/// Between half of `pause` and all of it.
fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let random = RandomState::new().hash_one(0u8);
    pause / 2 + (pause / 2).mul_f64((random % 1024) as f64 / 1024.0)
}
