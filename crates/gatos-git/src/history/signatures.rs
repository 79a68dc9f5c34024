//! Commits that carry more signatures than one.

use std::collections::BTreeSet;

use super::HistoryError;
use crate::object::{MAX_COMMIT_BYTES, ObjectId, ObjectKind, ReadError, parse_commit, signatures};
use crate::repository::Repository;

impl Repository {
    /// A commit with several headers for signatures, with their number: the first that is found in the
    /// history of `head`, along all parents, up to the commits in `seen` and those of which `known` says
    /// that they were there before. What was looked at is put into `seen`.
    ///
    /// # Errors
    /// [`HistoryError`]: a commit cannot be read, or `known` cannot say.
    pub fn oversigned(
        &self,
        head: ObjectId,
        seen: &mut BTreeSet<ObjectId>,
        known: &dyn Fn(&ObjectId) -> Result<bool, ReadError>,
    ) -> Result<Option<(ObjectId, usize)>, HistoryError> {
        let fail = |source| HistoryError::Read { source };
        let mut pending = vec![head];
        while let Some(id) = pending.pop() {
            if !seen.insert(id) || known(&id).map_err(fail)? {
                continue;
            }
            let bytes = self
                .read_object(&id, ObjectKind::Commit, MAX_COMMIT_BYTES)
                .map_err(fail)?;
            let count = signatures(&bytes);
            if count > 1 {
                return Ok(Some((id, count)));
            }
            let commit = parse_commit(&id, &bytes).ok_or_else(|| {
                fail(ReadError::Malformed {
                    id,
                    kind: ObjectKind::Commit,
                })
            })?;
            pending.extend(commit.parents);
        }
        Ok(None)
    }
}
