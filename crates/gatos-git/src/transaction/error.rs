//! Why something could not be staged or applied.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::GitFailure;
use crate::name::{EntryName, NameError, RefName};
use crate::object::{ObjectId, ObjectKind, ReadError};
use crate::refs::FindRefError;

/// Why an object could not be staged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StageError {
    /// An entry of a tree has a name that is not allowed
    #[error("a tree cannot hold an entry of this name")]
    Name {
        /// The cause
        #[source]
        source: NameError,
    },
    /// Two entries of a tree have the same name
    #[error("a tree cannot hold two entries named `{name}`")]
    Duplicate {
        /// The name
        name: EntryName,
    },
    /// The object is larger than what is read again at most
    #[error("a {kind} of {size} bytes is larger than the limit of {max}")]
    TooLarge {
        /// The kind of the object
        kind: ObjectKind,
        /// Its size in bytes
        size: u64,
        /// The limit in bytes
        max: u64,
    },
    /// The bytes are part of a collision attack on SHA-1
    #[error("the {kind} is part of a collision attack on SHA-1 and is not written")]
    Collision {
        /// The kind of the object
        kind: ObjectKind,
    },
}

/// Why a transaction was not applied. No ref was changed, except where a variant says so.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// A ref could not be read
    #[error("`{name}` cannot be changed")]
    Ref {
        /// The ref
        name: RefName,
        /// The cause
        #[source]
        source: FindRefError,
    },
    /// Another process holds a lock, or left it behind
    #[error(
        "`{}` has been locked for {} s; if no process is writing, remove that file",
        path.display(), age.as_secs()
    )]
    Locked {
        /// The lock file
        path: PathBuf,
        /// How old it is
        age: Duration,
    },
    /// A ref cannot exist beside another
    #[error("`{name}` cannot be made beside `{other}`: Git keeps no ref below another")]
    NameConflict {
        /// The ref to be made
        name: RefName,
        /// The one in the way
        other: String,
    },
    /// An object that is referred to is missing or damaged
    #[error("`{name}` cannot be changed, because what it would point to is incomplete")]
    Target {
        /// The ref
        name: RefName,
        /// The cause
        #[source]
        source: ReadError,
    },
    /// An object is there under the right name but with wrong content that cannot be replaced
    #[error("object {id} is damaged inside a pack; restore it from a clone")]
    Damaged {
        /// The object
        id: ObjectId,
    },
    /// An object could not be compressed
    #[error("object {id} cannot be compressed")]
    Compress {
        /// The object
        id: ObjectId,
        /// The cause
        #[source]
        source: GitFailure,
    },
    /// A file could not be written
    #[error("`{}` cannot be written", path.display())]
    Io {
        /// The file or directory
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
    /// A staged object refers to one that is missing or of another kind
    #[error("object {id} cannot be written, because it refers to something that is not there")]
    Reference {
        /// The object
        id: ObjectId,
        /// The cause
        #[source]
        source: ReadError,
    },
    /// Refs were changed and could not be put back, so the transaction may or may not be lost in a
    /// power failure; if it changes several refs, the next one finishes or undoes it
    #[error("a failure after {} refs were changed could not be undone", refs.len())]
    Unconfirmed {
        /// The refs that were changed
        refs: Vec<RefName>,
        /// The failure
        #[source]
        source: Box<Self>,
    },
    /// The refs were changed, but `git gc --prune=now` removed what they point to meanwhile, and
    /// it could not be written again
    #[error("the refs were changed, but objects that were pruned meanwhile could not be written")]
    Pruned {
        /// The failure
        #[source]
        source: Box<Self>,
    },
    /// The repository is a view: what it would be if something else had happened first
    #[error("nothing can be written through a view of the repository `{}`", path.display())]
    View {
        /// The repository
        path: PathBuf,
    },
    /// What another process left unfinished could neither be finished nor undone
    #[error("an unfinished transaction of another process could not be dealt with")]
    Recover {
        /// The cause
        #[source]
        source: RecoverError,
    },
}

/// Why an unfinished transaction could neither be finished nor undone. It is tried again by the
/// next.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// A ref could not be read
    #[error("`{name}` cannot be read")]
    Ref {
        /// The ref
        name: RefName,
        /// The cause
        #[source]
        source: FindRefError,
    },
    /// A ref could not be changed
    #[error("`{name}` cannot be changed")]
    Change {
        /// The ref
        name: RefName,
        /// The cause
        #[source]
        source: Box<TransactionError>,
    },
    /// A file could not be read, written or removed
    #[error("`{}` cannot be dealt with", path.display())]
    Io {
        /// The file
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}
