//! Git objects as they are read: ids, blobs, trees and commits, re-hashed against their id.

mod error;
mod id;
mod read;
mod signed;

pub use self::error::{ObjectIdError, ReadError};
pub use self::id::{ObjectFormat, ObjectId};
pub(crate) use self::read::parse_commit;
pub use self::read::tree_entries;
pub use self::signed::SignedCommit;
pub(crate) use self::signed::signatures;

/// Largest blob that is read where the caller gives no limit, in bytes.
pub const MAX_BLOB_BYTES: u64 = 128 << 20;
/// Largest tree that is read, in bytes.
pub const MAX_TREE_BYTES: u64 = 16 << 20;
/// Largest commit that is read, in bytes.
pub const MAX_COMMIT_BYTES: u64 = 1 << 20;

/// The kinds of Git objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ObjectKind {
    /// Bytes
    Blob,
    /// Named entries
    Tree,
    /// A tree, its history and a message
    Commit,
    /// An annotated tag, which GATOS neither writes nor follows
    Tag,
}

impl ObjectKind {
    /// Largest object of this kind that is written, in bytes.
    pub(crate) const fn max_bytes(self) -> u64 {
        match self {
            Self::Blob => MAX_BLOB_BYTES,
            Self::Tree => MAX_TREE_BYTES,
            Self::Commit | Self::Tag => MAX_COMMIT_BYTES,
        }
    }

    pub(crate) const fn to_gix(self) -> gix::objs::Kind {
        match self {
            Self::Blob => gix::objs::Kind::Blob,
            Self::Tree => gix::objs::Kind::Tree,
            Self::Commit => gix::objs::Kind::Commit,
            Self::Tag => gix::objs::Kind::Tag,
        }
    }

    pub(crate) const fn from_gix(kind: gix::objs::Kind) -> Self {
        match kind {
            gix::objs::Kind::Blob => Self::Blob,
            gix::objs::Kind::Tree => Self::Tree,
            gix::objs::Kind::Commit => Self::Commit,
            gix::objs::Kind::Tag => Self::Tag,
        }
    }
}

impl std::fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        })
    }
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// A blob, the only leaf that GATOS writes
    Blob,
    /// Another tree
    Tree,
    /// An executable file or one with other rights, a symbolic link or a submodule: never ours
    Foreign,
}

/// A blob or a tree that exists or is staged, ready to stand in a tree.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum EntryRef {
    /// A blob
    Blob(ObjectId),
    /// A tree
    Tree(ObjectId),
}

impl EntryRef {
    /// The object.
    #[must_use]
    pub const fn id(self) -> ObjectId {
        match self {
            Self::Blob(id) | Self::Tree(id) => id,
        }
    }
}

/// One entry of a tree as it was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TreeEntry {
    /// Its name; foreign trees may hold any bytes, which are replaced where they are not UTF-8
    pub name: String,
    /// What it is
    pub kind: EntryKind,
    /// The object
    pub id: ObjectId,
}

impl TreeEntry {
    /// The entry as something that can stand in another tree, if it is a blob or a tree.
    #[must_use]
    pub const fn entry(&self) -> Option<EntryRef> {
        match self.kind {
            EntryKind::Blob => Some(EntryRef::Blob(self.id)),
            EntryKind::Tree => Some(EntryRef::Tree(self.id)),
            EntryKind::Foreign => None,
        }
    }
}

/// A commit as it was read. Nothing in it is evidence of who wrote it or when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commit {
    /// Its tree
    pub tree: ObjectId,
    /// Its parents, the first being the one that histories follow
    pub parents: Vec<ObjectId>,
    /// Seconds since 1970 as the committer wrote them
    pub seconds: i64,
    /// Whether it has headers besides tree, parents, author and committer, such as a signature, or times
    /// that no number holds
    pub has_more: bool,
    /// Subject, body and trailers, for people
    pub message: String,
}
