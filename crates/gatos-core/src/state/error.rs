//! Why a state cannot be read.

use crate::cbor::DecodeError;
use crate::cid::Cid;

/// Why blocks are not the tree of a state.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StateError {
    /// A block that nobody has
    #[error("block `{cid}` of the state is missing")]
    Missing {
        /// Its id
        cid: Cid,
    },
    /// Bytes that their id does not name
    #[error("block `{cid}` of the state is damaged: its bytes have another hash")]
    Damaged {
        /// The id under which they were found
        cid: Cid,
    },
    /// Bytes that are not strict DAG-CBOR
    #[error("block `{cid}` of the state is not strict DAG-CBOR")]
    Encoding {
        /// Its id
        cid: Cid,
        /// What is wrong with it
        #[source]
        source: DecodeError,
    },
    /// A block that is no node of a state tree
    #[error("block `{cid}` is not a node of a state tree")]
    Shape {
        /// Its id
        cid: Cid,
    },
    /// More values, or deeper ones, than a state has
    #[error("the state has more than {max} {what}")]
    TooLarge {
        /// The limit
        max: usize,
        /// Of what
        what: &'static str,
    },
    /// Blocks that hold a value, but not as the one tree of this value
    #[error("the tree `{root}` is not in its one form: its value has the root `{canonical}`")]
    NotCanonical {
        /// The root that was read
        root: Cid,
        /// The root of the same value
        canonical: Cid,
    },
}

/// Why a text is no path into a state.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{path}` is not a path: write `groups.Adelie`, `samples[3]` or `[\"any key\"]`")]
pub struct PathError {
    /// The text
    pub path: String,
}
