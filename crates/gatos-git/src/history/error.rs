//! Why a history could not be followed.

use crate::object::{ObjectId, ReadError};

/// Why a history could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A commit has several parents
    #[error("commit {id} is a merge of {parents} histories, which a linear history never has")]
    Merge {
        /// The commit
        id: ObjectId,
        /// How many parents it has
        parents: usize,
    },
    /// The clone is shallow and ends here
    #[error(
        "the history is incomplete: {id} is not in this shallow clone; \
         `git fetch --unshallow` gets it"
    )]
    Shallow {
        /// The first commit that is missing
        id: ObjectId,
    },
    /// One commit is not in the history of another
    #[error("commit {base} is not in the history of {head}")]
    NotAnAncestor {
        /// The commit that should be older
        base: ObjectId,
        /// The newest commit
        head: ObjectId,
    },
    /// A commit could not be read
    #[error("the history cannot be read")]
    Read {
        /// The cause
        #[source]
        source: ReadError,
    },
}
