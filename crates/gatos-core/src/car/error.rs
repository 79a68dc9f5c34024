//! Why bytes are no archive of ours.

use crate::cbor::DecodeError;
use crate::cid::{Cid, CidError};

/// Why bytes are no archive of ours, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CarError {
    /// The header is not that of a CARv1 with one root
    #[error("this is not a CARv1 archive with one root")]
    Header {
        /// What is wrong with its bytes, if they are not DAG-CBOR
        #[source]
        source: Option<DecodeError>,
    },
    /// The bytes end inside a block
    #[error("the archive is truncated: it ends inside the block at byte {offset}")]
    Truncated {
        /// Where the block begins
        offset: usize,
    },
    /// A length that is not in its shortest form
    #[error("the length at byte {offset} is not in its shortest form")]
    Varint {
        /// Where it is
        offset: usize,
    },
    /// A block whose id is not one of ours
    #[error("the block at byte {offset} has no content id of ours")]
    Cid {
        /// Where the block begins
        offset: usize,
        /// What is wrong with the id
        source: CidError,
    },
    /// A block whose bytes are not those that its id names
    #[error("block {cid} at byte {offset} was damaged: its bytes are not what its id says")]
    Damaged {
        /// Where the block begins
        offset: usize,
        /// Its id
        cid: Cid,
    },
    /// A block that is there twice
    #[error("block {cid} is there twice, again at byte {offset}")]
    Duplicate {
        /// Where it begins the second time
        offset: usize,
        /// Its id
        cid: Cid,
    },
    /// The root is not among the blocks
    #[error("the archive's root {root} is not in it")]
    NoRoot {
        /// The root that the header names
        root: Cid,
    },
}
