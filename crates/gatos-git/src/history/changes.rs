//! What is different between two trees, and where two histories meet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use gix::objs::TreeRef;

use super::HistoryError;
use crate::object::{MAX_TREE_BYTES, ObjectId, ObjectKind, ReadError};
use crate::repository::Repository;

/// An entry of a tree: mode and id.
type Entry = (u16, ObjectId);
/// The mode of a folder.
const FOLDER: u16 = 0o040_000;

impl Repository {
    /// The paths of files whose content or mode is different in two trees, ascending; a tree that is not
    /// there has no files. `None` if there are more than `most`.
    ///
    /// What is not UTF-8 in a path is replaced.
    ///
    /// # Errors
    /// [`ReadError`]: a tree is missing, too large or damaged.
    pub fn changed_paths(
        &self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        most: usize,
    ) -> Result<Option<Vec<String>>, ReadError> {
        let mut changed = BTreeSet::new();
        let mut pending = vec![(Vec::new(), before, after)];
        while let Some((prefix, before, after)) = pending.pop() {
            if before == after {
                continue;
            }
            let (before, after) = (self.entries(before)?, self.entries(after)?);
            let names: BTreeSet<&Vec<u8>> = before.keys().chain(after.keys()).collect();
            for name in names {
                let (old, new) = (before.get(name), after.get(name));
                if old == new {
                    continue;
                }
                let path = [prefix.as_slice(), name.as_slice()].concat();
                let folder = |entry: Option<&Entry>| {
                    let (mode, id) = entry?;
                    (*mode == FOLDER).then_some(*id)
                };
                let is_file =
                    |entry: Option<&Entry>| entry.is_some_and(|(mode, _)| *mode != FOLDER);
                if folder(old).is_some() || folder(new).is_some() {
                    let below = [path.as_slice(), b"/"].concat();
                    pending.push((below, folder(old), folder(new)));
                }
                if is_file(old) || is_file(new) {
                    changed.insert(path);
                }
            }
            if changed.len() > most || pending.len() > most {
                return Ok(None);
            }
        }
        let text = |path: Vec<u8>| String::from_utf8_lossy(&path).into_owned();
        Ok(Some(changed.into_iter().map(text).collect()))
    }

    /// A commit that is in the history of both, along all parents, and near; `None` if there is none
    /// among the last `most` commits of each.
    ///
    /// # Errors
    /// [`HistoryError`]: a commit cannot be read.
    pub fn meeting(
        &self,
        one: ObjectId,
        other: ObjectId,
        most: usize,
    ) -> Result<Option<ObjectId>, HistoryError> {
        let mut sides = [one, other].map(|id| (BTreeSet::from([id]), VecDeque::from([id])));
        // Step by step from both ends, so that histories that meet soon are not walked to their beginning.
        loop {
            let mut walked = false;
            for side in [0, 1] {
                let Some(id) = sides[side].1.pop_front() else {
                    continue;
                };
                if sides[1 - side].0.contains(&id) {
                    return Ok(Some(id));
                }
                walked = true;
                let commit = self
                    .read_commit(&id)
                    .map_err(|source| HistoryError::Read { source })?;
                for parent in commit.parents {
                    if sides[side].0.insert(parent) {
                        sides[side].1.push_back(parent);
                    }
                }
            }
            if !walked || sides.iter().any(|(seen, _)| seen.len() > most) {
                return Ok(None);
            }
        }
    }

    fn entries(&self, tree: Option<ObjectId>) -> Result<BTreeMap<Vec<u8>, Entry>, ReadError> {
        let Some(id) = tree else {
            return Ok(BTreeMap::new());
        };
        let bytes = self.read_object(&id, ObjectKind::Tree, MAX_TREE_BYTES)?;
        let tree = TreeRef::from_bytes(&bytes, id.kind()).map_err(|_| ReadError::Malformed {
            id,
            kind: ObjectKind::Tree,
        })?;
        let entry = |entry: &gix::objs::tree::EntryRef<'_>| {
            let id = ObjectId::new(entry.oid.to_owned());
            (entry.filename.to_vec(), (entry.mode.value(), id))
        };
        Ok(tree.entries.iter().map(entry).collect())
    }
}
