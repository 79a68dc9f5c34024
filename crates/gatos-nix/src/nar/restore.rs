//! Unpacking an archive that somebody else made.

use std::io::{self, BufReader, Read};
use std::path::Path;

use gatos_core::job::NarDigest;
use nix_archive::nar::{CaseHack, restore_reader};
use sha2::{Digest, Sha256};

use super::error::RestoreNarError;

/// How much is read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// What an archive may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RestoreLimits {
    /// Longest archive in bytes
    pub max_bytes: u64,
}

/// Unpack `archive` to `destination`, which must not exist, and return its hash.
///
/// The tree appears at `destination` whole or not at all.
///
/// # Errors
/// An archive that is malformed (names with `..` or slashes, unsorted or repeated names, trailing
/// bytes) or too long. Names that differ only in case are two files where the file system can hold
/// both; where it cannot, the second is refused, because nothing that exists is ever opened.
pub fn restore(
    archive: &mut dyn Read,
    destination: &Path,
    limits: RestoreLimits,
) -> Result<NarDigest, RestoreNarError> {
    let create = |source| RestoreNarError::Create {
        path: destination.to_path_buf(),
        source,
    };
    if destination.symlink_metadata().is_ok() {
        return Err(RestoreNarError::Exists {
            path: destination.to_path_buf(),
        });
    }
    let parent = match destination.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let staging = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(create)?;
    let staged = staging.path().join("tree");
    let mut reader = BufReader::with_capacity(
        BUFFER_BYTES,
        Metered {
            reader: archive,
            hasher: Sha256::new(),
            size: 0,
            limit: limits.max_bytes,
        },
    );
    let restored = restore_reader(&mut reader, &staged, CaseHack::Disabled);
    let metered = reader.into_inner();
    if metered.size > limits.max_bytes {
        return Err(RestoreNarError::TooLarge {
            limit: limits.max_bytes,
        });
    }
    restored.map_err(|source| RestoreNarError::Unpack {
        path: destination.to_path_buf(),
        source,
    })?;
    std::fs::rename(&staged, destination).map_err(create)?;
    Ok(NarDigest {
        sha256: metered.hasher.finalize().into(),
        size: metered.size,
    })
}

/// Hashes what passes, and stops one byte after the limit.
struct Metered<'a> {
    reader: &'a mut dyn Read,
    hasher: Sha256,
    size: u64,
    limit: u64,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.size += read as u64;
        if self.size > self.limit {
            return Err(io::Error::other("the archive is too long"));
        }
        Ok(read)
    }
}
