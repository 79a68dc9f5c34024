//! First-parent histories: linear chains of commits, newest first or oldest first.

mod changes;
mod error;
mod signatures;

use std::collections::{BTreeSet, VecDeque};

pub use self::error::HistoryError;
use crate::object::{Commit, ObjectId, ReadError};
use crate::repository::Repository;

/// A linear history from its newest commit to its first; ends after the first error.
pub struct History<'a> {
    repository: &'a Repository,
    next: Option<ObjectId>,
}

impl Iterator for History<'_> {
    type Item = Result<(ObjectId, Commit), HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.next.take()?;
        let step = self.repository.linear_commit(&id);
        if let Ok(commit) = &step {
            self.next = commit.parents.first().copied();
        }
        Some(step.map(|commit| (id, commit)))
    }
}

impl Repository {
    /// The history that ends in `head`, newest first, read as it is asked for.
    ///
    /// A merge, a missing commit and the edge of a shallow clone are errors.
    #[must_use]
    pub fn history(&self, head: ObjectId) -> History<'_> {
        History {
            repository: self,
            next: Some(head),
        }
    }

    /// The ids of the commits after `base` up to `head`, oldest first; from the first commit on if
    /// `base` is `None`.
    ///
    /// # Errors
    /// As [`Repository::history`], and [`HistoryError::NotAnAncestor`] if the history of `head`
    /// does not contain `base`.
    pub fn history_since(
        &self,
        base: Option<ObjectId>,
        head: ObjectId,
    ) -> Result<Vec<ObjectId>, HistoryError> {
        let mut ids = Vec::new();
        if base == Some(head) {
            return Ok(ids);
        }
        for step in self.history(head) {
            let (id, commit) = step?;
            ids.push(id);
            if base.is_some() && commit.parents.first() == base.as_ref() {
                ids.reverse();
                return Ok(ids);
            }
        }
        match base {
            Some(base) => Err(HistoryError::NotAnAncestor { base, head }),
            None => {
                ids.reverse();
                Ok(ids)
            }
        }
    }

    /// Whether `base` is `head` or in its history, along all parents, as far as the last `most`
    /// commits show; `None` if that is not far enough.
    ///
    /// # Errors
    /// [`HistoryError`]: a commit cannot be read.
    pub fn descends(
        &self,
        head: ObjectId,
        base: ObjectId,
        most: usize,
    ) -> Result<Option<bool>, HistoryError> {
        let mut seen = BTreeSet::from([head]);
        let mut pending = VecDeque::from([head]);
        while let Some(id) = pending.pop_front() {
            if id == base {
                return Ok(Some(true));
            }
            if seen.len() > most {
                return Ok(None);
            }
            let commit = self
                .read_commit(&id)
                .map_err(|source| HistoryError::Read { source })?;
            for parent in commit.parents {
                if seen.insert(parent) {
                    pending.push_back(parent);
                }
            }
        }
        Ok(Some(false))
    }

    /// Every commit in the histories of `heads`, along all parents, as far as they are here.
    ///
    /// # Errors
    /// [`HistoryError`]: a commit cannot be read.
    pub fn ancestors(
        &self,
        heads: impl IntoIterator<Item = ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, HistoryError> {
        let mut pending: Vec<_> = heads.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = pending.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.read_commit(&id) {
                Ok(commit) => pending.extend(commit.parents),
                Err(ReadError::Missing { .. }) => {}
                Err(source) => return Err(HistoryError::Read { source }),
            }
        }
        Ok(seen)
    }

    fn linear_commit(&self, id: &ObjectId) -> Result<Commit, HistoryError> {
        let commit = match self.read_commit(id) {
            Ok(commit) => commit,
            Err(ReadError::Missing { id }) if self.is_shallow() => {
                return Err(HistoryError::Shallow { id });
            }
            Err(source) => return Err(HistoryError::Read { source }),
        };
        if commit.parents.len() > 1 {
            return Err(HistoryError::Merge {
                id: *id,
                parents: commit.parents.len(),
            });
        }
        Ok(commit)
    }
}
