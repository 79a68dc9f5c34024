//! Store paths: what they are called, and which one given bytes must have.
//! `docs/spec/job.md#store-paths`.

mod bytes;
mod error;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use gatos_core::job::NarDigest;
use nix_derivation::{CAHash, HashAlgorithm, NixHash, hash_bytes};

pub(crate) use self::bytes::{Bytes, have_fixed_hash};
pub use self::error::StorePathError;

/// The logical store directory; proofs name no other.
const STORE_DIR: &str = "/nix/store";

/// A store path: 32 characters of Nix base32, a hyphen and a name.
///
/// It is written with the store directory (`/nix/store/…`) and compared by its text.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StorePath(nix_derivation::StorePath);

impl StorePath {
    /// Read `<hash>-<name>`, the path without its directory.
    ///
    /// # Errors
    /// A hash or name that Nix would not write.
    pub fn from_base_name(text: &str) -> Result<Self, StorePathError> {
        nix_derivation::StorePath::from_basename(text.as_bytes())
            .map(Self)
            .map_err(|source| StorePathError::invalid(text, source))
    }

    /// The path that a text has (`builtins.toFile`, and every .drv file).
    ///
    /// # Errors
    /// A name that Nix does not allow.
    pub fn of_text(name: &str, text: &[u8], references: &[Self]) -> Result<Self, StorePathError> {
        nix_derivation::store_path::build_text_path(name, text, references.iter().map(|p| &p.0))
            .map(Self)
            .map_err(|source| StorePathError::invalid(name, source))
    }

    /// The path that a tree has when it is added as a source (`builtins.path`, `nix-store --add`).
    ///
    /// # Errors
    /// A name that Nix does not allow.
    pub fn of_source(name: &str, nar: &NarDigest) -> Result<Self, StorePathError> {
        Self::of_content(name, &CAHash::Nar(NixHash::Sha256(nar.sha256)))
    }

    /// The path of one file added by the hash of its bytes alone (flat SHA-256).
    ///
    /// # Errors
    /// A name that Nix does not allow.
    pub fn of_flat_file(name: &str, bytes: &[u8]) -> Result<Self, StorePathError> {
        let hash = hash_bytes(HashAlgorithm::Sha256, bytes);
        Self::of_content(name, &CAHash::Flat(hash))
    }

    /// Whether this is the path of the content with that address.
    pub(crate) fn is_addressed_by(
        &self,
        address: &CAHash,
        references: &[&Self],
        refers_to_itself: bool,
    ) -> bool {
        let references = references.iter().map(|path| &path.0);
        nix_derivation::store_path::build_ca_path(
            self.name(),
            address,
            references,
            refers_to_itself,
        )
        .is_ok_and(|path| path == self.0)
    }

    fn of_content(name: &str, content: &CAHash) -> Result<Self, StorePathError> {
        nix_derivation::store_path::build_ca_path(name, content, [], false)
            .map(Self)
            .map_err(|source| StorePathError::invalid(name, source))
    }

    /// The name behind the hash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The 32 characters of the hash, which are what a reference is found by.
    #[must_use]
    pub fn hash_part(&self) -> String {
        nix_derivation::nixbase32::encode(self.0.digest())
    }

    /// `<hash>-<name>`, without the directory.
    #[must_use]
    pub fn base_name(&self) -> String {
        self.0.to_basename()
    }

    /// Whether the name ends in `.drv`.
    #[must_use]
    pub fn is_derivation(&self) -> bool {
        self.0.is_derivation()
    }

    /// Where the path lies on disk when the store is kept below `root`; `/` for the usual one.
    #[must_use]
    pub fn below(&self, root: &Path) -> PathBuf {
        let mut path = root.to_path_buf();
        path.push(STORE_DIR.trim_start_matches('/'));
        path.push(self.base_name());
        path
    }

    pub(crate) const fn from_inner(inner: nix_derivation::StorePath) -> Self {
        Self(inner)
    }

    pub(crate) const fn inner(&self) -> &nix_derivation::StorePath {
        &self.0
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for StorePath {
    type Err = StorePathError;

    fn from_str(text: &str) -> Result<Self, StorePathError> {
        nix_derivation::StorePath::from_absolute_path(text.as_bytes())
            .map(Self)
            .map_err(|source| StorePathError::invalid(text, source))
    }
}
