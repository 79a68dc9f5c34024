//! Applying a transaction: objects first, refs last, the disk asked before each step that needs
//! the one before.
//!
//! 1. Take the locks, read the refs again, compare ([`super::swap`]), while the objects are written
//!    beside their places.
//! 2. Write the new values into the locks; wait for the disk.
//! 3. Put the objects in their places; wait for the disk.
//! 4. Rename the locks onto the refs; wait for the disk. Only now is the transaction reported.
//!
//! A small transaction of one ref does not wait in step 3: its intent, on the disk since step 2,
//! names the objects. If a power loss kept the ref and lost one of their names, the ref is put back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::intent::{self, Intent};
use super::lock::age;
use super::pool::Help;
use super::store::{Prepared, Store, Writing};
use super::swap::{CommitFailure, Edits, Locks, Swap, io_failure};
use super::sync::{Batch, SyncFailure};
use super::{Durability, Edit, Expected, Outcome, Reference, Transaction, TransactionError};
use crate::name::RefName;
use crate::object::{MAX_COMMIT_BYTES, ObjectId, ObjectKind, ReadError};

/// How often a transaction is tried while locks are held by others.
const TRIES: u32 = 5;
/// The first and the longest pause between two tries.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(500));

/// Most objects that an intent names.
const MAX_NAMED_OBJECTS: usize = 8;

/// How one try ended.
enum Try {
    Done(Outcome),
    Held(PathBuf),
}

impl Transaction {
    /// Write the objects, then change every ref, or none if one is not as expected.
    ///
    /// Waits a few seconds at most for locks that others hold. Transactions that other processes
    /// left unfinished when they died are finished or undone first.
    ///
    /// # Errors
    /// [`TransactionError`]; no ref was changed, except where the variant says so.
    pub fn apply(self) -> Result<Outcome, TransactionError> {
        if self.repository.is_view() {
            return Err(TransactionError::View {
                path: self.repository.git_dir().to_owned(),
            });
        }
        let mut store = Store::new(&self.repository);
        let objects = store.prepare(&self.staged)?;
        // They are nobody's before a ref leads to them, so that they need not wait for the locks.
        let mut begun = Some(Store::begin(&objects, self.durability));
        let mut backoff = BACKOFF.0;
        let mut held = PathBuf::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                thread::sleep(jittered(backoff));
                backoff = (backoff * 2).min(BACKOFF.1);
                // What differs already need not be locked, and whoever holds the lock may have moved it.
                if let Some(conflict) = self.swap().compare()? {
                    return Ok(Outcome::Conflict(conflict));
                }
            }
            match self.try_once(&mut store, &objects, &mut begun)? {
                Try::Done(outcome) => return Ok(outcome),
                Try::Held(path) => held = path,
            }
        }
        Err(TransactionError::Locked {
            age: age(&held),
            path: held,
        })
    }

    fn try_once(
        &self,
        store: &mut Store<'_>,
        objects: &[Prepared<'_>],
        begun: &mut Option<Writing>,
    ) -> Result<Try, TransactionError> {
        self.repository
            .recover()
            .map_err(|source| TransactionError::Recover { source })?;
        let swap = self.swap();
        swap.check_names()?;
        let mut intent = self.intent()?;
        self.give_back();
        let mut locks = match swap.lock(intent.as_mut()) {
            Ok(Ok(locks)) => locks,
            Ok(Err(path)) => return Ok(Try::Held(path)),
            // A ref that was expected where none can be is not as expected.
            Err(error) => {
                let conflict = swap.compare()?.ok_or(error)?;
                return Ok(Try::Done(Outcome::Conflict(conflict)));
            }
        };
        if let Some(conflict) = swap.compare()? {
            return Ok(Try::Done(Outcome::Conflict(conflict)));
        }
        swap.check_names()?;
        self.check_targets()?;
        swap.fill(&mut locks)?;
        let names = self.write(store, (objects, begun.take()), &locks, intent.as_mut())?;
        self.commit_refs(swap, locks, (intent, names))?;
        store
            .replace_missing(objects, self.durability)
            .map_err(|source| TransactionError::Pruned {
                source: Box::new(source),
            })?;
        Ok(Try::Done(Outcome::Applied))
    }

    const fn swap(&self) -> Swap<'_> {
        Swap {
            repository: &self.repository,
            edits: &self.edits,
            guards: &self.guards,
        }
    }

    fn intent(&self) -> Result<Option<Intent>, TransactionError> {
        if self.edits.is_empty() {
            return Ok(None);
        }
        let named = self.staged.iter().filter(|_| self.names_objects());
        let named = named.map(|object| object.id);
        Intent::begin(&self.repository, self.edits.iter(), named)
            .map(Some)
            .map_err(|source| io_failure(&intent::directory(&self.repository), source))
    }

    /// Whether the intent names the objects, so that they and the ref get their names in one step.
    fn names_objects(&self) -> bool {
        self.edits.len() == 1 && self.staged.len() <= MAX_NAMED_OBJECTS
    }

    /// Write the objects, and synchronise them together with the locks and the intent. Returns the
    /// directories that are still to be waited for.
    fn write(
        &self,
        store: &mut Store<'_>,
        (objects, begun): (&[Prepared<'_>], Option<Writing>),
        locks: &Locks,
        intent: Option<&mut Intent>,
    ) -> Result<Batch<'_>, TransactionError> {
        let (mut files, mut directories) =
            (Batch::new(&self.repository), Batch::new(&self.repository));
        let mut written = store.write(objects, &mut files, &mut directories)?;
        if self.durability == Durability::Durable {
            for lock in locks.values() {
                let file = lock.file().try_clone();
                let file = file.map_err(|source| io_failure(lock.path(), source))?;
                files.file(file, lock.path());
            }
            if let Some((file, path)) = intent.as_deref().and_then(Intent::file) {
                let file = file.try_clone();
                let file = file.map_err(|source| io_failure(path, source))?;
                files.file(file, path);
            }
            if let Some(directory) = intent.as_deref().and_then(Intent::unsettled) {
                files.directory_below(directory, self.repository.common_dir());
            }
            let waiting = files.begin().map_err(sync_failure)?;
            self.check_references()?;
            // This thread waits for one of the files itself; the objects' are waited for by others.
            waiting.finish().map_err(sync_failure)?;
            begun.map_or(Ok(()), |begun| written.take(begun))?;
            if let Some(intent) = intent {
                intent.settle();
            }
        } else {
            self.check_references()?;
            begun.map_or(Ok(()), |begun| written.take(begun))?;
        }
        store.publish(written, &mut directories)?;
        if self.durability == Durability::Durable && !self.names_objects() {
            directories.wait().map_err(sync_failure)?;
            directories = Batch::new(&self.repository);
        }
        store.replace_missing(objects, self.durability)?;
        Ok(directories)
    }

    fn commit_refs(
        &self,
        swap: Swap<'_>,
        locks: Locks,
        (intent, mut batch): (Option<Intent>, Batch<'_>),
    ) -> Result<(), TransactionError> {
        let failed = match swap.commit(locks, &mut batch) {
            Ok(()) if self.durability == Durability::Relaxed => return Ok(()),
            Ok(()) => match batch.wait() {
                Ok(()) => {
                    self.forget(intent);
                    self.give_back();
                    return Ok(());
                }
                Err(failure) => CommitFailure {
                    moved: self.edits.keys().cloned().collect(),
                    error: Box::new(sync_failure(failure)),
                },
            },
            Err(failure) => failure,
        };
        if self.undo(&failed.moved) {
            return Err(*failed.error);
        }
        if let Some(intent) = intent {
            intent.abandon();
        }
        Err(TransactionError::Unconfirmed {
            refs: failed.moved,
            source: failed.error,
        })
    }

    /// Close the file of a ref that was replaced, and wait for nothing: its blocks are given back then.
    fn give_back(&self) {
        Help::leave(self.repository.outlived().into_iter().collect(), drop);
    }

    /// Remove the intent so that it does not come back after a power loss, when the refs may have
    /// gone on.
    fn forget(&self, intent: Option<Intent>) {
        let Some(intent) = intent else { return };
        let mut batch = Batch::new(&self.repository);
        if self.edits.len() > 1 {
            batch.directory(&intent::directory(&self.repository));
        }
        drop(intent);
        // The refs are safe; an intent that comes back finds them moved and does nothing.
        let _ = batch.wait();
    }

    /// Put refs back that were moved before something failed. Whether all of them are back.
    fn undo(&self, moved: &[RefName]) -> bool {
        let mut edits = Edits::new();
        for name in moved {
            let Some(edit) = self.edits.get(name) else {
                continue;
            };
            if self
                .repository
                .find_ref(name)
                .is_ok_and(|now| now == edit.old())
            {
                continue;
            }
            let edit = Edit {
                expected: edit.new.map_or(Expected::Absent, Expected::At),
                new: edit.old(),
            };
            edits.insert(name.clone(), edit);
        }
        let swap = Swap {
            repository: &self.repository,
            edits: &edits,
            guards: &BTreeMap::new(),
        };
        let undo = || -> Result<bool, TransactionError> {
            let Ok(mut locks) = swap.lock(None)? else {
                return Ok(false);
            };
            if swap.compare()?.is_some() {
                return Ok(false);
            }
            swap.fill(&mut locks)?;
            let mut batch = Batch::new(&self.repository);
            swap.commit(locks, &mut batch)
                .map_err(|failure| *failure.error)?;
            // The disk has failed already; what it says now changes nothing.
            let _ = batch.wait();
            Ok(true)
        };
        undo().unwrap_or(false)
    }

    /// Whatever is staged must refer to objects that are staged or stored, of the right kind.
    fn check_references(&self) -> Result<(), TransactionError> {
        for Reference { from, to, kind } in &self.references {
            if self.ids.contains(to) {
                continue;
            }
            let fail = |source| TransactionError::Reference { id: *from, source };
            match self.repository.object_header(to).map_err(fail)? {
                Some((found, _)) if found == *kind => {}
                Some((found, _)) => {
                    return Err(fail(ReadError::Kind {
                        id: *to,
                        expected: *kind,
                        found,
                    }));
                }
                None => return Err(fail(ReadError::Missing { id: *to })),
            }
        }
        Ok(())
    }

    /// Every ref must come to point to a commit that is staged, or stored and sound.
    fn check_targets(&self) -> Result<(), TransactionError> {
        for (name, edit) in &self.edits {
            if let Some(new) = edit.new {
                self.check_commit(&new)
                    .map_err(|source| TransactionError::Target {
                        name: name.clone(),
                        source,
                    })?;
            }
        }
        Ok(())
    }

    fn check_commit(&self, id: &ObjectId) -> Result<(), ReadError> {
        match self.staged.iter().find(|object| object.id == *id) {
            None => self
                .repository
                .read_object(id, ObjectKind::Commit, MAX_COMMIT_BYTES)
                .map(|_| ()),
            Some(staged) if staged.kind == ObjectKind::Commit => Ok(()),
            Some(staged) => Err(ReadError::Kind {
                id: *id,
                expected: ObjectKind::Commit,
                found: staged.kind,
            }),
        }
    }
}

/// Between half of `pause` and all of it.
pub(super) fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    // Seeded by the operating system.
    let random = RandomState::new().hash_one(0u8) % 1024;
    let share = u32::try_from(random).unwrap_or(0);
    pause / 2 + pause * share / 2048
}

pub(super) fn sync_failure(failure: SyncFailure) -> TransactionError {
    io_failure(&failure.path, failure.source)
}
