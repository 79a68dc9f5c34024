//! Finishing or undoing what processes left behind when they died.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::intent::{self, DeadIntent, IntendedEdit};
use super::lock::{age, lock_path};
use super::swap::{Edits, Swap};
use super::sync::Batch;
use super::{Edit, Expected, RecoverError, TransactionError};
use crate::name::RefName;
use crate::object::ObjectId;
use crate::refs::FindRefError;
use crate::repository::Repository;

/// What was found unfinished, and what became of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recovery {
    /// Refs that were moved because others of the same transaction had been
    pub finished: Vec<RefName>,
    /// Refs that were put back, because what they pointed to was lost
    pub undone: Vec<RefName>,
    /// Refs that have gone elsewhere meanwhile and were left as they are
    pub diverged: Vec<RefName>,
    /// Locks of dead processes that were removed
    pub locks: Vec<PathBuf>,
}

/// Where the ref of an edit is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Position {
    Old,
    New,
    Elsewhere,
}

impl Repository {
    /// Finish or undo the transactions of processes that died in the middle of them, and remove
    /// their locks. Every transaction does this first; a reader may do it to see whole ones.
    ///
    /// A transaction of which one ref was moved is finished; one of which none was is undone.
    ///
    /// # Errors
    /// [`RecoverError`]; it is tried again the next time.
    pub fn recover(&self) -> Result<Recovery, RecoverError> {
        let mut recovery = Recovery::default();
        let dead = DeadIntent::find_all(self)
            .map_err(|source| io_failure(&intent::directory(self), source))?;
        for intent in dead {
            self.recover_one(&intent, &mut recovery)?;
            let path = intent::directory(self);
            intent
                .remove()
                .map_err(|source| io_failure(&path, source))?;
        }
        Ok(recovery)
    }

    fn recover_one(
        &self,
        intent: &DeadIntent,
        recovery: &mut Recovery,
    ) -> Result<(), RecoverError> {
        let mut positions = Vec::new();
        for edit in &intent.edits {
            positions.push((edit, self.position(edit)?));
        }
        let moved = positions.iter().any(|(_, at)| *at == Position::New);
        let pending = positions.iter().any(|(_, at)| *at == Position::Old);
        let sound = intent
            .edits
            .iter()
            .filter_map(|edit| edit.new)
            .all(|new| self.read_commit(&new).is_ok());
        let lost = |id| matches!(self.object_header(id), Ok(None));
        let lost = intent.objects.iter().any(lost);
        for (edit, at) in positions {
            match at {
                Position::New if lost => {
                    self.change(&edit.name, edit.new, edit.old)?;
                    recovery.undone.push(edit.name.clone());
                }
                Position::Old if moved && sound => {
                    self.finish(intent, edit)?;
                    recovery.finished.push(edit.name.clone());
                }
                Position::New if pending && !sound => {
                    self.change(&edit.name, edit.new, edit.old)?;
                    recovery.undone.push(edit.name.clone());
                }
                Position::Elsewhere if moved => recovery.diverged.push(edit.name.clone()),
                _ => {}
            }
            recovery.locks.extend(self.release(intent, &edit.name)?);
        }
        Ok(())
    }

    fn position(&self, edit: &IntendedEdit) -> Result<Position, RecoverError> {
        let actual = match self.find_ref(&edit.name) {
            Ok(actual) => actual,
            // Whoever wants this ref is told so. Others can go on.
            Err(FindRefError::Symbolic { .. } | FindRefError::Undecodable { .. }) => {
                return Ok(Position::Elsewhere);
            }
            Err(source) => {
                return Err(RecoverError::Ref {
                    name: edit.name.clone(),
                    source,
                });
            }
        };
        Ok(if actual == edit.old {
            Position::Old
        } else if actual == edit.new {
            Position::New
        } else {
            Position::Elsewhere
        })
    }

    /// Move a ref that the dead process had not come to. If its lock is still there, nobody else
    /// can have moved it, and the lock becomes the ref as it would have.
    fn finish(&self, intent: &DeadIntent, edit: &IntendedEdit) -> Result<(), RecoverError> {
        let path = self.ref_path(&edit.name);
        let lock = lock_path(&path);
        let Some(new) = edit.new.filter(|_| intent.owns_lock(&edit.name, &lock)) else {
            self.release(intent, &edit.name)?;
            return self.change(&edit.name, edit.old, edit.new);
        };
        if fs::read(&lock).ok() != Some(format!("{new}\n").into_bytes()) {
            self.release(intent, &edit.name)?;
            return self.change(&edit.name, edit.old, edit.new);
        }
        let mut batch = Batch::new(self);
        fs::rename(&lock, &path).map_err(|source| io_failure(&path, source))?;
        if let Some(directory) = path.parent() {
            batch.directory(directory);
        }
        batch
            .wait()
            .map_err(|failure| io_failure(&failure.path, failure.source))
    }

    /// Move one ref from one value to another, under its lock.
    fn change(
        &self,
        name: &RefName,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
    ) -> Result<(), RecoverError> {
        let fail = |source: TransactionError| RecoverError::Change {
            name: name.clone(),
            source: Box::new(source),
        };
        let edit = Edit {
            expected: old.map_or(Expected::Absent, Expected::At),
            new,
        };
        let edits = Edits::from([(name.clone(), edit)]);
        let swap = Swap {
            repository: self,
            edits: &edits,
            guards: &std::collections::BTreeMap::new(),
        };
        let mut locks = match swap.lock(None).map_err(fail)? {
            Ok(locks) => locks,
            Err(path) => {
                let age = age(&path);
                return Err(fail(TransactionError::Locked { path, age }));
            }
        };
        if swap.compare().map_err(fail)?.is_some() {
            return Ok(());
        }
        swap.fill(&mut locks).map_err(fail)?;
        let mut batch = Batch::new(self);
        swap.commit(locks, &mut batch)
            .map_err(|failure| fail(*failure.error))?;
        batch
            .wait()
            .map_err(|failure| io_failure(&failure.path, failure.source))
    }

    /// Remove the lock that the dead process took for `name`, if it is still there.
    fn release(
        &self,
        intent: &DeadIntent,
        name: &RefName,
    ) -> Result<Option<PathBuf>, RecoverError> {
        let lock = lock_path(&self.ref_path(name));
        if !intent.owns_lock(name, &lock) {
            return Ok(None);
        }
        fs::remove_file(&lock).map_err(|source| io_failure(&lock, source))?;
        Ok(Some(lock))
    }
}

fn io_failure(path: &Path, source: io::Error) -> RecoverError {
    RecoverError::Io {
        path: path.to_owned(),
        source,
    }
}
