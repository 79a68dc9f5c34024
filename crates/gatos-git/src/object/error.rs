//! What can be wrong with an object or its id.

use super::{ObjectId, ObjectKind};
use crate::failure::GitFailure;

/// A text that is no object id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no object id: 40 or 64 hexadecimal digits are expected")]
pub struct ObjectIdError {
    /// The text, cut to 80 characters
    pub text: String,
}

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not in the repository
    #[error("object {id} is not in the repository")]
    Missing {
        /// The object
        id: ObjectId,
    },
    /// It is of another kind
    #[error("object {id} is a {found}, not a {expected}")]
    Kind {
        /// The object
        id: ObjectId,
        /// What was asked for
        expected: ObjectKind,
        /// What it is
        found: ObjectKind,
    },
    /// It is larger than what is read at most
    #[error("object {id} has {size} bytes, more than the limit of {max}")]
    TooLarge {
        /// The object
        id: ObjectId,
        /// Its size in bytes
        size: u64,
        /// The limit in bytes
        max: u64,
    },
    /// Its bytes hash to something else
    #[error("object {expected} is damaged: its bytes are those of {got}; restore it from a clone")]
    Integrity {
        /// The object that was asked for
        expected: ObjectId,
        /// What its bytes hash to
        got: ObjectId,
    },
    /// Its bytes cannot be hashed, being part of a collision attack on SHA-1
    #[error("object {id} is part of a collision attack on SHA-1")]
    Collision {
        /// The object
        id: ObjectId,
    },
    /// Its bytes are no object of its kind
    #[error("object {id} is no well-formed {kind}")]
    Malformed {
        /// The object
        id: ObjectId,
        /// Its kind
        kind: ObjectKind,
    },
    /// The object database could not be read
    #[error("object {id} cannot be read; `git fsck` says more")]
    Store {
        /// The object
        id: ObjectId,
        /// The cause
        #[source]
        source: GitFailure,
    },
}
