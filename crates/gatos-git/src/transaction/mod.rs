//! Writing: objects and refs that become visible together, or not at all.

mod apply;
mod deflate;
mod error;
mod intent;
mod lock;
mod pack;
mod packed;
mod pool;
mod recover;
mod store;
mod swap;
mod sync;
mod unnamed;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::deflate::Deflater;
pub use self::error::{RecoverError, StageError, TransactionError};
pub(crate) use self::intent::IntentFile;
pub use self::recover::Recovery;
pub(crate) use self::sync::{Batch, SyncFailure};
use crate::message::Message;
use crate::name::{EntryName, RefName};
use crate::object::{EntryRef, ObjectId, ObjectKind};
use crate::repository::Repository;

/// Author and committer of every commit; who said something is in the signed content.
const IDENTITY: &str = "GATOS <gatos@localhost>";

/// What has happened to the disk when a transaction says that it was applied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// Every object, ref and directory was synchronised: a power loss loses nothing
    Durable,
    /// The operating system was told: a power loss may lose the transaction, and may leave empty
    /// or damaged refs and objects behind
    Relaxed,
}

/// What a ref must be for a transaction to change it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
    /// It does not exist; a ref that is already at the new value counts as a conflict
    Absent,
    /// It points here
    At(ObjectId),
}

/// How a transaction ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Every ref was changed
    Applied,
    /// Nothing was changed, because a ref was not as expected
    Conflict(Conflict),
}

/// A ref that was not as a transaction expected it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The ref
    pub name: RefName,
    /// What it points to instead
    pub actual: Option<ObjectId>,
}

/// Objects to be written and refs to be changed, in memory until [`Transaction::apply`].
#[derive(Debug)]
pub struct Transaction {
    repository: Repository,
    durability: Durability,
    staged: Vec<Staged>,
    ids: BTreeSet<ObjectId>,
    references: Vec<Reference>,
    edits: BTreeMap<RefName, Edit>,
    guards: BTreeMap<RefName, Expected>,
}

/// A staged object refers to another.
#[derive(Debug)]
struct Reference {
    from: ObjectId,
    to: ObjectId,
    kind: ObjectKind,
}

/// An object to be written.
#[derive(Debug)]
struct Staged {
    id: ObjectId,
    kind: ObjectKind,
    bytes: Vec<u8>,
}

/// A change of one ref.
#[derive(Clone, Copy, Debug)]
struct Edit {
    expected: Expected,
    new: Option<ObjectId>,
}

impl Edit {
    /// What the ref must be.
    const fn old(&self) -> Option<ObjectId> {
        self.expected.id()
    }
}

impl Expected {
    const fn id(self) -> Option<ObjectId> {
        match self {
            Self::Absent => None,
            Self::At(id) => Some(id),
        }
    }
}

/// What a new commit says.
#[derive(Clone, Debug)]
pub struct NewCommit {
    /// Its tree
    pub tree: ObjectId,
    /// Its parents
    pub parents: Vec<ObjectId>,
    /// Its message
    pub message: Message,
    /// Seconds since 1970, for readers of `git log`; nothing is ordered by it
    pub seconds: u64,
}

impl Repository {
    /// Begin a transaction.
    #[must_use]
    pub fn transaction(&self, durability: Durability) -> Transaction {
        Transaction {
            repository: self.clone(),
            durability,
            staged: Vec::new(),
            ids: BTreeSet::new(),
            references: Vec::new(),
            edits: BTreeMap::new(),
            guards: BTreeMap::new(),
        }
    }
}

impl Transaction {
    /// Stage a blob.
    ///
    /// # Errors
    /// [`StageError`]: it is too large, or part of a collision attack.
    pub fn blob(&mut self, bytes: impl Into<Vec<u8>>) -> Result<ObjectId, StageError> {
        self.stage(ObjectKind::Blob, bytes.into())
    }

    /// Stage a tree of these entries, in any order.
    ///
    /// # Errors
    /// [`StageError`]: a name is not allowed or given twice.
    pub fn tree<'a>(
        &mut self,
        entries: impl IntoIterator<Item = (&'a str, EntryRef)>,
    ) -> Result<ObjectId, StageError> {
        let mut rows = Vec::new();
        for (name, entry) in entries {
            let name: EntryName = name.parse().map_err(|source| StageError::Name { source })?;
            let (mode, suffix) = match entry {
                EntryRef::Blob(_) => ("100644", ""),
                EntryRef::Tree(_) => ("40000", "/"),
            };
            // Git sorts a tree as if its name ended in a slash.
            rows.push((format!("{name}{suffix}"), mode, name, entry.id()));
        }
        rows.sort();
        let mut bytes = Vec::new();
        let mut seen = BTreeSet::new();
        for (_, mode, name, id) in &rows {
            if !seen.insert(name.as_str()) {
                return Err(StageError::Duplicate { name: name.clone() });
            }
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(id.as_bytes());
        }
        let from = self.stage(ObjectKind::Tree, bytes)?;
        for (_, mode, _, to) in rows {
            let kind = if mode == "40000" {
                ObjectKind::Tree
            } else {
                ObjectKind::Blob
            };
            self.references.push(Reference { from, to, kind });
        }
        Ok(from)
    }

    /// Stage a commit.
    ///
    /// # Errors
    /// [`StageError`]: its message is too large, or it is part of a collision attack.
    pub fn commit(&mut self, commit: &NewCommit) -> Result<ObjectId, StageError> {
        let mut text = format!("tree {}\n", commit.tree);
        for parent in &commit.parents {
            text.push_str(&format!("parent {parent}\n"));
        }
        for role in ["author", "committer"] {
            text.push_str(&format!("{role} {IDENTITY} {} +0000\n", commit.seconds));
        }
        text.push('\n');
        text.push_str(&commit.message.to_text());
        let from = self.stage(ObjectKind::Commit, text.into_bytes())?;
        let mut refer = |to, kind| self.references.push(Reference { from, to, kind });
        refer(commit.tree, ObjectKind::Tree);
        for parent in &commit.parents {
            refer(*parent, ObjectKind::Commit);
        }
        Ok(from)
    }

    /// Change a ref to `new`, a commit, provided that it is as expected.
    ///
    /// # Panics
    /// If the transaction already changes this ref.
    pub fn update(&mut self, name: RefName, expected: Expected, new: ObjectId) {
        self.edit(
            name,
            Edit {
                expected,
                new: Some(new),
            },
        );
    }

    /// Delete a ref, provided that it points to `expected`.
    ///
    /// # Panics
    /// If the transaction already changes this ref.
    pub fn delete(&mut self, name: RefName, expected: ObjectId) {
        let edit = Edit {
            expected: Expected::At(expected),
            new: None,
        };
        self.edit(name, edit);
    }

    /// Change nothing unless this ref, which the transaction does not change, is as expected.
    ///
    /// It is read while the locks of the refs that do change are held, and is not locked itself. So two
    /// transactions of which each guards what the other changes are never both applied, if each takes the
    /// locks of all that it changes; what somebody changes a moment later is not seen.
    pub fn guard(&mut self, name: RefName, expected: Expected) {
        self.guards.insert(name, expected);
    }

    fn edit(&mut self, name: RefName, edit: Edit) {
        let before = self.edits.insert(name, edit);
        assert!(before.is_none(), "a transaction changes a ref once");
    }

    fn stage(&mut self, kind: ObjectKind, bytes: Vec<u8>) -> Result<ObjectId, StageError> {
        // What could not be read again is not written.
        let size = bytes.len() as u64;
        let max = kind.max_bytes();
        if size > max {
            return Err(StageError::TooLarge { kind, size, max });
        }
        let hashed = gix::objs::compute_hash(self.repository.hash_kind(), kind.to_gix(), &bytes)
            .map_err(|_| StageError::Collision { kind })?;
        let id = ObjectId::new(hashed);
        if self.ids.insert(id) {
            self.staged.push(Staged { id, kind, bytes });
        }
        Ok(id)
    }
}
