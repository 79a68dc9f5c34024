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
        "`{}` has been locked for {} s; if no process is writing, \
         `gatos doctor --fix-locks` removes the lock",
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
    /// The refs were changed, but the disk did not confirm it
    #[error(
        "`{}` was changed, but the disk did not confirm it: it may be lost in a power failure",
        path.display()
    )]
    Unconfirmed {
        /// The file or directory
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}
