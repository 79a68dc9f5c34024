//! The `packed-refs` file, read afresh each time: a snapshot kept across a lock loses updates.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use gix::refs::{FullNameRef, packed};

use super::FindRefError;
use crate::failure::GitFailure;
use crate::object::ObjectId;
use crate::repository::Repository;

/// Files larger than this are mapped instead of read.
const MAP_ABOVE_BYTES: u64 = 256 << 10;

/// The packed refs as they are now.
pub(crate) struct Packed {
    path: PathBuf,
    buffer: Option<packed::Buffer>,
}

impl Packed {
    pub(crate) fn open(repository: &Repository) -> Result<Self, FindRefError> {
        let path = repository.common_dir().join("packed-refs");
        match fs::metadata(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, buffer: None });
            }
            Err(source) => return Err(FindRefError::Io { path, source }),
        }
        match packed::Buffer::open(path.clone(), MAP_ABOVE_BYTES, repository.hash_kind()) {
            Ok(buffer) => Ok(Self {
                path,
                buffer: Some(buffer),
            }),
            Err(error) => Err(FindRefError::Packed {
                path,
                source: GitFailure::new(error),
            }),
        }
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
            source: GitFailure::new(error),
        }
    }
}
