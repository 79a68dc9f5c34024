//! NAR, the archive format whose SHA-256 is what Nix and GATOS compare. `docs/spec/job.md#nar`.
//!
//! Serialising and hashing are done here, over the bytes on disk, so that no hash in a proof is
//! one that Nix merely has on record.

mod error;
mod list;
mod restore;
mod walk;
mod write;

use std::fmt;

use sha2::{Digest, Sha256};

pub use self::error::{ReadNarError, RestoreNarError, WriteNarError};
pub use self::list::{Entry, Node, list};
pub use self::restore::{RestoreLimits, restore};
pub use self::write::{hash, write};

/// Deepest nesting of directories, as in Nix.
pub const MAX_DEPTH: usize = 64;

/// What identifies the bytes of a file system tree: hash and length of its NAR.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NarHash {
    /// SHA-256 of the archive
    pub sha256: [u8; 32],
    /// Length of the archive in bytes
    pub size: u64,
}

impl NarHash {
    /// The hash of an archive that is in memory.
    #[must_use]
    pub fn of_archive(archive: &[u8]) -> Self {
        Self {
            sha256: Sha256::digest(archive).into(),
            size: archive.len() as u64,
        }
    }

    /// The digest as Nix prints it: `sha256:` and Nix base32.
    #[must_use]
    pub fn to_nix_base32(&self) -> String {
        format!("sha256:{}", nix_derivation::nixbase32::encode(&self.sha256))
    }
}

impl fmt::Display for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_nix_base32())
    }
}

impl fmt::Debug for NarHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({} bytes)", self.size)
    }
}
