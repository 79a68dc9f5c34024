//! The `packed-refs` file, read afresh each time: a snapshot kept across a lock loses updates.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use gix::refs::{FullNameRef, packed};

use super::FindRefError;
use crate::failure::GitFailure;
use crate::object::ObjectId;
use crate::repository::Repository;

/// Files larger than this are mapped instead of read.
const MAP_ABOVE_BYTES: u64 = 256 << 10;

/// What tells one `packed-refs` from the next. Only used to know that a file was checked before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PackedVersion {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl PackedVersion {
    fn of(file: &fs::Metadata) -> Self {
        Self {
            inode: file.ino(),
            bytes: file.len(),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

/// The packed refs as they are now.
pub(crate) struct Packed {
    path: PathBuf,
    buffer: Option<packed::Buffer>,
}

impl Packed {
    pub(crate) fn open(repository: &Repository) -> Result<Self, FindRefError> {
        let path = repository.common_dir().join("packed-refs");
        let version = match fs::metadata(&path) {
            Ok(file) => PackedVersion::of(&file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, buffer: None });
            }
            Err(source) => return Err(FindRefError::Io { path, source }),
        };
        let buffer = packed::Buffer::open(path.clone(), MAP_ABOVE_BYTES, repository.hash_kind());
        let packed = match buffer {
            Ok(buffer) => Self {
                path,
                buffer: Some(buffer),
            },
            Err(error) => {
                return Err(FindRefError::Packed {
                    path,
                    source: Some(GitFailure::new(error)),
                });
            }
        };
        if !repository.was_sound(&version) {
            packed.check()?;
            repository.remember_sound(version);
        }
        Ok(packed)
    }

    /// Every line can be understood and they are in order: else a search that halves the file
    /// would take a ref that is there for absent.
    fn check(&self) -> Result<(), FindRefError> {
        let Some(buffer) = &self.buffer else {
            return Ok(());
        };
        let mut last = Vec::new();
        for reference in buffer.iter().map_err(|error| self.damaged(error))? {
            let reference = reference.map_err(|error| self.damaged(error))?;
            let name: &[u8] = reference.name.as_bstr();
            if last.as_slice() >= name {
                return Err(FindRefError::Packed {
                    path: self.path.clone(),
                    source: None,
                });
            }
            last.clear();
            last.extend_from_slice(name);
        }
        Ok(())
    }

    /// What `name` points to in this file.
    pub(crate) fn find(&self, name: &str) -> Result<Option<ObjectId>, FindRefError> {
        let Some(buffer) = &self.buffer else {
            return Ok(None);
        };
        let full = <&FullNameRef>::try_from(name).map_err(|_| FindRefError::Name {
            name: name.to_owned(),
        })?;
        let found = buffer
            .try_find::<_, std::convert::Infallible>(full.as_partial_name())
            .map_err(|error| self.damaged(error))?;
        Ok(found.map(|found| ObjectId::new(found.target())))
    }

    /// Whether there may be refs below `name`: no if this is false.
    pub(crate) fn has_below(&self, name: &str) -> bool {
        let Some(buffer) = &self.buffer else {
            return false;
        };
        let below = buffer.iter_prefixed(format!("{name}/").into());
        below.map_or(true, |mut refs| refs.next().is_some())
    }

    /// Every ref at or below `prefix`.
    pub(crate) fn under(&self, prefix: &str) -> Result<BTreeMap<String, ObjectId>, FindRefError> {
        let mut found = BTreeMap::new();
        let Some(buffer) = &self.buffer else {
            return Ok(found);
        };
        if let Some(id) = self.find(prefix)? {
            found.insert(prefix.to_owned(), id);
        }
        let refs = buffer
            .iter_prefixed(format!("{prefix}/").into())
            .map_err(|error| self.damaged(error))?;
        for reference in refs {
            let reference = reference.map_err(|error| self.damaged(error))?;
            let name = reference.name.as_bstr().to_string();
            found.insert(name, ObjectId::new(reference.target()));
        }
        Ok(found)
    }

    fn damaged(&self, error: gix::Error) -> FindRefError {
        FindRefError::Packed {
            path: self.path.clone(),
            source: Some(GitFailure::new(error)),
        }
    }
}
