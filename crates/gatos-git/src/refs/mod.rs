//! Refs as they are on disk now: loose, packed, or neither; a damaged one is never taken as absent.

mod error;
mod head;
mod loose;
mod packed;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use self::error::FindRefError;
use self::loose::Loose;
pub(crate) use self::packed::{Packed, PackedVersion};
use crate::name::{FullName, NAMESPACE, RefName};
use crate::object::ObjectId;
use crate::repository::Repository;

impl Repository {
    /// What a ref points to, or `None` if it does not exist.
    ///
    /// # Errors
    /// [`FindRefError`]: it is symbolic, damaged or unreadable. None of these means absent.
    pub fn find_ref(&self, name: &RefName) -> Result<Option<ObjectId>, FindRefError> {
        match self.pretended().get(name) {
            Some(pretended) => Ok(*pretended),
            None => self.find_on_disk(name.as_str()),
        }
    }

    /// What any ref of the repository points to, or `None` if it does not exist.
    ///
    /// # Errors
    /// As [`Repository::find_ref`].
    pub fn find_any_ref(&self, name: &FullName) -> Result<Option<ObjectId>, FindRefError> {
        self.find_on_disk(name.as_str())
    }

    /// Whether a ref would still point there if its own file were gone, and nobody is about to change
    /// that: what `git pack-refs` tells its hooks looks like a deletion.
    ///
    /// # Errors
    /// [`FindRefError`]: the packed refs are damaged or unreadable.
    pub fn stays_packed(&self, name: &FullName, id: &ObjectId) -> Result<bool, FindRefError> {
        let packed = Packed::open(self)?.find(name.as_str())?;
        let lock = self.common_dir().join("packed-refs.lock");
        // Git holds this lock while it really deletes a ref that is packed.
        Ok(packed.as_ref() == Some(id) && lock.symlink_metadata().is_err())
    }

    fn find_on_disk(&self, name: &str) -> Result<Option<ObjectId>, FindRefError> {
        // Loose before packed: packing moves refs in that direction only.
        match loose::read(&self.common_dir().join(name), name, self.hash_kind())? {
            Loose::Target(id) => Ok(Some(id)),
            Loose::Absent => Packed::open(self)?.find(name),
        }
    }

    /// Every ref at or below `prefix`, such as `refs/gatos/journal`, in order of name.
    ///
    /// # Errors
    /// [`FindRefError`]: one of them is symbolic, damaged, unreadable or badly named.
    pub fn refs_under(&self, prefix: &RefName) -> Result<Vec<(RefName, ObjectId)>, FindRefError> {
        self.refs_below(prefix.as_str())
    }

    /// Every ref of GATOS, in order of name.
    ///
    /// # Errors
    /// As [`Repository::refs_under`].
    pub fn gatos_refs(&self) -> Result<Vec<(RefName, ObjectId)>, FindRefError> {
        self.refs_below(NAMESPACE.trim_end_matches('/'))
    }

    /// Where every branch and tag is, those that are symbolic left out.
    ///
    /// # Errors
    /// [`FindRefError`]: one of them is damaged or unreadable.
    pub fn branches_and_tags(&self) -> Result<Vec<ObjectId>, FindRefError> {
        let mut found = BTreeMap::new();
        for prefix in ["refs/heads", "refs/tags"] {
            let mut loose = BTreeMap::new();
            let mut failure = None;
            let directory = self.common_dir().join(prefix);
            loose::collect(&directory, prefix, self.hash_kind(), |read| match read {
                Ok((name, id)) => {
                    loose.insert(name, id);
                    Ok(())
                }
                Err(FindRefError::Symbolic { .. }) => Ok(()),
                Err(error) => {
                    failure = Some(error);
                    Err(())
                }
            });
            if let Some(error) = failure {
                return Err(error);
            }
            found.extend(Packed::open(self)?.under(prefix)?);
            found.extend(loose);
        }
        Ok(found.into_values().collect())
    }

    /// Why refs of GATOS cannot be read, one error for each that cannot.
    #[must_use]
    pub fn damaged_refs(&self) -> Vec<FindRefError> {
        let prefix = NAMESPACE.trim_end_matches('/');
        let directory = self.common_dir().join(prefix);
        let (mut found, mut damaged) = (BTreeMap::new(), Vec::new());
        loose::collect(&directory, prefix, self.hash_kind(), |read| match read {
            Ok((name, id)) => {
                found.insert(name, id);
                Ok(())
            }
            Err(error) => {
                damaged.push(error);
                Ok(())
            }
        });
        match Packed::open(self).and_then(|packed| packed.under(prefix)) {
            Ok(packed) => found.extend(packed),
            Err(error) => damaged.push(error),
        }
        damaged.extend(found.into_keys().filter_map(|name| parse(name).err()));
        damaged
    }

    fn refs_below(&self, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, FindRefError> {
        let mut loose = BTreeMap::new();
        let directory = self.common_dir().join(prefix);
        let mut failure = None;
        loose::collect(&directory, prefix, self.hash_kind(), |read| {
            let (name, id) = read.map_err(|error| failure = Some(error))?;
            loose.insert(name, id);
            Ok(())
        });
        if let Some(error) = failure {
            return Err(error);
        }
        // Loose before packed, and a loose one hides a packed one.
        let mut found = Packed::open(self)?.under(prefix)?;
        found.append(&mut loose);
        for (name, pretended) in self.pretended() {
            let name = name.as_str();
            let below = name
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            match pretended {
                Some(id) if below => drop(found.insert(name.to_owned(), *id)),
                _ => drop(found.remove(name)),
            }
        }
        found
            .into_iter()
            .map(|(name, id)| Ok((parse(name)?, id)))
            .collect()
    }

    pub(crate) fn ref_path(&self, name: &RefName) -> PathBuf {
        self.common_dir().join(name.as_str())
    }
}

/// A name found on disk, if it is one that GATOS writes.
fn parse(name: String) -> Result<RefName, FindRefError> {
    match name.parse::<RefName>() {
        Ok(parsed) if parsed.as_str() == name => Ok(parsed),
        _ => Err(FindRefError::Name { name }),
    }
}
