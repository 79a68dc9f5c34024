//! Why a DAG could not be staged or read.

use gatos_core::cbor::DecodeError;
use gatos_core::cid::Cid;

use crate::object::{ObjectId, ReadError};
use crate::transaction::StageError;

/// Why a DAG could not be staged.
#[derive(Debug, thiserror::Error)]
pub enum StageDagError {
    /// The root block was not given
    #[error("the root block {cid} was not given")]
    Root {
        /// The root
        cid: Cid,
    },
    /// A block is not what its id says
    #[error("the bytes given for block {cid} are those of another block")]
    Mismatch {
        /// The id
        cid: Cid,
    },
    /// A block is not strict DAG-CBOR
    #[error("block {cid} is not strict DAG-CBOR")]
    Decode {
        /// The block
        cid: Cid,
        /// The cause
        #[source]
        source: DecodeError,
    },
    /// Links are nested too deep
    #[error("block {cid} lies more than 1024 links below the root")]
    Depth {
        /// The block
        cid: Cid,
    },
    /// An object could not be staged
    #[error("block {cid} cannot be staged")]
    Stage {
        /// The block
        cid: Cid,
        /// The cause
        #[source]
        source: StageError,
    },
    /// The DAG to build upon could not be read
    #[error("the DAG to build upon cannot be read")]
    Base {
        /// The cause
        #[source]
        source: ReadDagError,
    },
}

/// Why a DAG could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadDagError {
    /// The object that holds a block could not be read
    #[error("block {cid} cannot be read")]
    Read {
        /// The block
        cid: Cid,
        /// The cause
        #[source]
        source: ReadError,
    },
    /// The bytes stored for a block are not that block
    #[error("block {cid} is damaged: object {id} holds other bytes")]
    Mismatch {
        /// The block
        cid: Cid,
        /// The object
        id: ObjectId,
    },
    /// A block is not strict DAG-CBOR
    #[error("block {cid} is not strict DAG-CBOR")]
    Decode {
        /// The block
        cid: Cid,
        /// The cause
        #[source]
        source: DecodeError,
    },
    /// The tree of a block has no block, or an entry that is none of its links
    #[error("the tree {id} is no mirror of block {cid}: `{}` should not be there or is missing",
        .entry.escape_default())]
    Shape {
        /// The block
        cid: Cid,
        /// The tree
        id: ObjectId,
        /// The entry
        entry: String,
    },
    /// There are more blocks or bytes than are read at most
    #[error(
        "the DAG of {root} is larger than the limit of {max_blocks} blocks and {max_bytes} bytes"
    )]
    TooLarge {
        /// The root
        root: Cid,
        /// Most blocks
        max_blocks: usize,
        /// Most bytes
        max_bytes: u64,
    },
}
