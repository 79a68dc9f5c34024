//! Directories that this process has put on the disk, names and all: they need not be asked about again.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use std::time::SystemTime;

use super::Repository;

/// What tells a directory from one that was later made at the same place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DirectoryIdentity {
    device: u64,
    inode: u64,
    born: SystemTime,
}

/// Where the directories were found whose names are on the disk.
pub(super) type Settled = BTreeMap<PathBuf, DirectoryIdentity>;

impl DirectoryIdentity {
    /// Of the directory at `path`; `None` if there is none or it cannot be told from others, since
    /// the number of one that was removed is given again.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        let (device, inode) = (found.dev(), found.ino());
        let born = found.created().ok().filter(|_| found.is_dir())?;
        Some(Self {
            device,
            inode,
            born,
        })
    }
}

impl Repository {
    /// Whether the name of this directory was put on the disk by [`settle`](Self::settle).
    pub(crate) fn is_settled(&self, path: &Path, identity: DirectoryIdentity) -> bool {
        self.settled().get(path) == Some(&identity)
    }

    /// The names of these directories are on the disk.
    pub(crate) fn settle(&self, directories: Vec<(PathBuf, DirectoryIdentity)>) {
        self.settled().extend(directories);
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        let settled = self.shared.settled.lock();
        settled.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::DirectoryIdentity;

    #[test]
    fn a_directory_that_was_made_again_is_another() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a");
        assert_eq!(DirectoryIdentity::of(&path), None);
        fs::create_dir(&path).unwrap();
        let first = DirectoryIdentity::of(&path);
        assert!(
            first.is_some(),
            "this file system does not say when a directory was made"
        );
        fs::write(path.join("file"), "x").unwrap();
        assert_eq!(DirectoryIdentity::of(&path), first);
        fs::remove_dir_all(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_ne!(DirectoryIdentity::of(&path), first);
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "a file").unwrap();
        assert_eq!(DirectoryIdentity::of(&path), None);
    }
}
