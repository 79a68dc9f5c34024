//! NAR, the archive format whose SHA-256 is what Nix and GATOS compare. `docs/spec/job.md#nar`.
//!
//! Serialising and hashing are done here, over the bytes on disk, so that no hash in a proof is
//! one that Nix merely has on record.

mod archive;
mod error;
mod file;
mod list;
mod restore;
mod walk;
mod write;

use gatos_core::job::NarDigest;
use sha2::{Digest, Sha256};

pub use self::archive::Archive;
pub use self::error::{ReadNarError, RestoreNarError, WriteNarError};
pub use self::file::of_file;
pub use self::list::{Entry, Node, list};
pub use self::restore::{RestoreLimits, restore};
pub use self::write::{hash, write};

/// Deepest nesting of directories, as in Nix.
pub const MAX_DEPTH: usize = 64;

/// The digest of an archive that is in memory.
#[must_use]
pub fn digest(archive: &[u8]) -> NarDigest {
    NarDigest {
        sha256: Sha256::digest(archive).into(),
        size: archive.len() as u64,
    }
}
