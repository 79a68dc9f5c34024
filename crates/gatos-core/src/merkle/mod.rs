//! The history root: an RFC 9162 Merkle tree over the content ids of a journal's events.
//! `docs/spec/history-root.md`.
//!
//! Section numbers are those of RFC 9162. The hash is SHA-256; the data of leaf `i` is the binary
//! form of the `i`-th event's content id.

mod frontier;
mod proof;
#[cfg(test)]
mod tests;

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::cid::Cid;

pub use self::frontier::{Frontier, FrontierError};
pub use self::proof::{
    ProofError, consistency_path, inclusion_path, verify_consistency, verify_inclusion,
};

/// A node of the tree: a leaf hash, an inner hash, or a tree head.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TreeHash([u8; 32]);

impl TreeHash {
    /// The head of the tree without leaves (2.1.1).
    #[must_use]
    pub fn empty() -> Self {
        Self(Sha256::digest(b"").into())
    }

    /// The leaf of an event (2.1.1).
    #[must_use]
    pub fn leaf(event: &Cid) -> Self {
        let mut hasher = Sha256::new_with_prefix([0x00]);
        hasher.update(event.to_bytes());
        Self(hasher.finalize().into())
    }

    /// The parent of two nodes (2.1.1).
    #[must_use]
    pub fn parent(left: &Self, right: &Self) -> Self {
        let mut hasher = Sha256::new_with_prefix([0x01]);
        hasher.update(left.0);
        hasher.update(right.0);
        Self(hasher.finalize().into())
    }

    /// A node from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the node.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
