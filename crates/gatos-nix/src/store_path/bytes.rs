//! Whether bytes are what the name of a store path promises.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;

use gatos_core::job::NarDigest;
use nix_derivation::{CAHash, NixHash, NixHasher};
use sha2::{Digest, Sha256};

use super::StorePath;
use crate::nar::{self, Archive, Node, WriteNarError};

/// What is known of the bytes of a store path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes {
    pub(crate) nar: NarDigest,
    /// SHA-256 of the contents, if it is one file that nobody may execute
    file: Option<[u8; 32]>,
}

impl Bytes {
    /// Look at a path on disk.
    pub(crate) fn on_disk(path: &Path) -> Result<Self, WriteNarError> {
        let nar = nar::hash(path)?;
        let failed = |source| WriteNarError::Read {
            path: path.to_path_buf(),
            source,
        };
        let metadata = path.symlink_metadata().map_err(failed)?;
        let file = if metadata.is_file() && !is_executable(&metadata) {
            let mut hasher = Hashing(Sha256::new());
            let mut file = std::fs::File::open(path).map_err(failed)?;
            io::copy(&mut file, &mut hasher).map_err(failed)?;
            Some(hasher.0.finalize().into())
        } else {
            None
        };
        Ok(Self { nar, file })
    }

    /// Look at an archive.
    pub(crate) fn of_archive(archive: &Archive<'_>) -> io::Result<Self> {
        let mut hasher = Hashing(Sha256::new());
        let size = io::copy(&mut archive.open()?, &mut hasher)?;
        let nar = NarDigest {
            sha256: hasher.0.finalize().into(),
            size,
        };
        let entries = nar::list(&mut archive.open()?).map_err(io::Error::other)?;
        let file = match entries.first().map(|entry| &entry.node) {
            Some(Node::Regular {
                executable: false,
                offset,
                size,
            }) => {
                let mut reader = archive.open()?;
                io::copy(&mut reader.by_ref().take(*offset), &mut io::sink())?;
                let mut hasher = Hashing(Sha256::new());
                io::copy(&mut reader.take(*size), &mut hasher)?;
                Some(hasher.0.finalize().into())
            }
            _ => None,
        };
        Ok(Self { nar, file })
    }

    /// Whether the name of `path` is a hash of these bytes: as a source, as a text, or as a file.
    pub(crate) fn are_named_by(&self, path: &StorePath, references: &BTreeSet<StorePath>) -> bool {
        let myself = references.contains(path);
        let others: Vec<_> = references.iter().filter(|r| *r != path).collect();
        let nar = CAHash::Nar(NixHash::Sha256(self.nar.sha256));
        let mut possible = vec![(nar, myself)];
        if let Some(file) = self.file {
            possible.push((CAHash::Text(file), false));
            possible.push((CAHash::Flat(NixHash::Sha256(file)), false));
        }
        possible
            .iter()
            .any(|(address, myself)| path.is_addressed_by(address, &others, *myself))
    }
}

/// Whether the bytes on disk have the hash that a fixed-output derivation states.
pub(crate) fn have_fixed_hash(path: &Path, stated: &CAHash) -> Result<bool, WriteNarError> {
    let wanted = stated.hash();
    let mut hasher = Hashing(NixHasher::new(wanted.algorithm()));
    match stated {
        CAHash::Nar(_) => {
            nar::write(path, &mut hasher)?;
        }
        CAHash::Flat(_) | CAHash::Text(_) => {
            let failed = |source| WriteNarError::Read {
                path: path.to_path_buf(),
                source,
            };
            let metadata = path.symlink_metadata().map_err(failed)?;
            if !metadata.is_file() || is_executable(&metadata) {
                return Ok(false);
            }
            let mut file = std::fs::File::open(path).map_err(failed)?;
            io::copy(&mut file, &mut hasher).map_err(failed)?;
        }
        // A Git tree hash; we do not compute it, so nobody may rely on it.
        CAHash::Git(_) => return Ok(false),
    }
    Ok(hasher.0.finalize() == wanted)
}

fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

/// A hasher that bytes can be written to.
struct Hashing<H>(H);

impl Write for Hashing<Sha256> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Hashing<NixHasher> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
