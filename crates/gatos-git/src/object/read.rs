//! Reading objects: bounded in size, and re-hashed before anything is believed.

use std::cmp::Ordering;

use gix::actor::SignatureRef;
use gix::objs::tree::{EntryMode, EntryRef, name_order};
use gix::objs::{CommitRef, Find as _, FindHeader as _, TagRef, TreeRef};

use super::{
    Commit, EntryKind, MAX_BLOB_BYTES, MAX_COMMIT_BYTES, MAX_TREE_BYTES, ObjectFormat, ObjectId,
    ObjectKind, ReadError, TreeEntry,
};
use crate::failure::GitFailure;
use crate::repository::Repository;

impl Repository {
    /// The bytes of a blob of at most [`MAX_BLOB_BYTES`].
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large or damaged.
    pub fn read_blob(&self, id: &ObjectId) -> Result<Vec<u8>, ReadError> {
        self.read_blob_within(id, MAX_BLOB_BYTES)
    }

    /// The bytes of a blob of at most `max` bytes; nothing larger is inflated.
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large or damaged.
    pub fn read_blob_within(&self, id: &ObjectId, max: u64) -> Result<Vec<u8>, ReadError> {
        self.read_object(id, ObjectKind::Blob, max)
    }

    /// The entries of a tree of ours, in Git's order.
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large, damaged, or not in the one form that Git writes:
    /// in order, no name twice, no mode with zeros before it.
    pub fn read_tree(&self, id: &ObjectId) -> Result<Vec<TreeEntry>, ReadError> {
        let bytes = self.read_object(id, ObjectKind::Tree, MAX_TREE_BYTES)?;
        tree_entries(&bytes, self.object_format()).ok_or(ReadError::Malformed {
            id: *id,
            kind: ObjectKind::Tree,
        })
    }

    /// A commit.
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large or damaged.
    pub fn read_commit(&self, id: &ObjectId) -> Result<Commit, ReadError> {
        let bytes = self.read_object(id, ObjectKind::Commit, MAX_COMMIT_BYTES)?;
        parse_commit(id, &bytes).ok_or(ReadError::Malformed {
            id: *id,
            kind: ObjectKind::Commit,
        })
    }

    /// What an annotated tag points to.
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large or damaged.
    pub fn tag_target(&self, id: &ObjectId) -> Result<ObjectId, ReadError> {
        let bytes = self.read_object(id, ObjectKind::Tag, MAX_COMMIT_BYTES)?;
        let malformed = || ReadError::Malformed {
            id: *id,
            kind: ObjectKind::Tag,
        };
        let tag = TagRef::from_bytes(&bytes, id.kind()).map_err(|_| malformed())?;
        Ok(ObjectId::new(tag.target()))
    }

    /// The kind and size in bytes of an object as its header states them, or `None` if it is not
    /// there.
    ///
    /// # Errors
    /// [`ReadError::Store`] if the object database cannot be read.
    pub fn object_header(&self, id: &ObjectId) -> Result<Option<(ObjectKind, u64)>, ReadError> {
        if id.kind() != self.hash_kind() {
            return Ok(None);
        }
        let header = self
            .with_objects(|objects| objects.try_header(id.oid()))
            .map_err(|error| store_failure(id, error))?;
        Ok(header.map(|header| (ObjectKind::from_gix(header.kind), header.size)))
    }

    /// The bytes of an object whose kind is known and whose size is bounded.
    pub(crate) fn read_object(
        &self,
        id: &ObjectId,
        expected: ObjectKind,
        max: u64,
    ) -> Result<Vec<u8>, ReadError> {
        let (found, size) = self
            .object_header(id)?
            .ok_or(ReadError::Missing { id: *id })?;
        if found != expected {
            return Err(ReadError::Kind {
                id: *id,
                expected,
                found,
            });
        }
        if size > max {
            return Err(ReadError::TooLarge { id: *id, size, max });
        }
        let mut bytes = Vec::new();
        let found = self
            .with_objects(|objects| {
                objects
                    .try_find(id.oid(), &mut bytes)
                    .map(|data| data.map(|data| data.kind))
            })
            .map_err(|error| store_failure(id, error))?;
        if found.is_none() {
            return Err(ReadError::Missing { id: *id });
        }
        // Neither Git nor its libraries check this when they read.
        let got = gix::objs::compute_hash(id.kind(), expected.to_gix(), &bytes)
            .map_err(|_| ReadError::Collision { id: *id })?;
        if got != gix::ObjectId::from(*id) {
            return Err(ReadError::Integrity {
                expected: *id,
                got: ObjectId::new(got),
            });
        }
        Ok(bytes)
    }
}

fn store_failure(id: &ObjectId, error: gix::Error) -> ReadError {
    ReadError::Store {
        id: *id,
        source: GitFailure::new(error),
    }
}

/// The entries of a tree, in Git's order; `None` if the bytes are no tree, or not in the one form that Git writes:
/// in order, no name twice, no mode with more digits than it needs.
#[must_use]
pub fn tree_entries(bytes: &[u8], format: ObjectFormat) -> Option<Vec<TreeEntry>> {
    let tree = TreeRef::from_bytes(bytes, format.to_gix()).ok()?;
    let entry = |entry: &EntryRef<'_>| TreeEntry {
        name: entry.filename.to_string(),
        kind: entry_kind(entry.mode),
        id: ObjectId::new(entry.oid.to_owned()),
    };
    is_canonical(&tree, bytes).then(|| tree.entries.iter().map(entry).collect())
}

/// Whether this is how Git writes a tree. Other bytes may read the same, so that one content would have several ids;
/// and of two entries of one name each reader takes another.
fn is_canonical(tree: &TreeRef<'_>, bytes: &[u8]) -> bool {
    let ordered = tree.entries.windows(2).all(|two| {
        let [a, b] = two else { return false };
        let is_tree = |entry: &EntryRef<'_>| entry.mode.is_tree();
        let order = name_order(a.filename, is_tree(a), b.filename, is_tree(b));
        order == Ordering::Less && a.filename != b.filename
    });
    // Zeros before a mode and digits beyond those that a reader keeps are only seen by writing it again.
    let mut written = Vec::with_capacity(bytes.len());
    for entry in &tree.entries {
        written.extend(format!("{:o} ", entry.mode.value()).into_bytes());
        written.extend_from_slice(entry.filename);
        written.push(0);
        written.extend_from_slice(entry.oid.as_bytes());
    }
    ordered && written == bytes
}

const fn entry_kind(mode: EntryMode) -> EntryKind {
    // Git takes any rights for those of a file; only these it writes.
    match mode.value() {
        0o100_644 => EntryKind::Blob,
        0o040_000 => EntryKind::Tree,
        _ => EntryKind::Foreign,
    }
}

/// A commit as its bytes say it; `None` if they are none.
pub(crate) fn parse_commit(id: &ObjectId, bytes: &[u8]) -> Option<Commit> {
    let commit = CommitRef::from_bytes(bytes, id.kind()).ok()?;
    Some(Commit {
        tree: ObjectId::new(commit.tree()),
        parents: commit.parents().map(ObjectId::new).collect(),
        seconds: commit.committer().ok()?.seconds(),
        has_more: commit.encoding.is_some()
            || !commit.extra_headers.is_empty()
            || !is_timed(&commit.author().ok()?)
            || !is_timed(&commit.committer().ok()?),
        message: String::from_utf8_lossy(commit.message).into_owned(),
    })
}

/// Whether somebody did something at a time since 1970 that a number holds.
fn is_timed(who: &SignatureRef<'_>) -> bool {
    who.time().is_ok_and(|time| time.seconds >= 0)
}
