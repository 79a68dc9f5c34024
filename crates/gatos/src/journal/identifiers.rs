//! Which identifiers a journal has already.
//!
//! An identifier greater than every one so far cannot be there, so that the common case of one writer
//! reads nothing. Where many write at once, most come a little late.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::journal::{Event, Head};
use gatos_core::statement::Signed;
use gatos_core::ulid::Ulid;
use gatos_git::ObjectId;

use super::append::read_event;
use super::read::walk_back;
use crate::error::Error;
use crate::repository::Repository;

/// How it is known which identifiers a journal has.
#[derive(Debug)]
pub(super) enum Identifiers {
    /// The journal is read backwards, each time
    LookedUp,
    /// All identifiers up to a commit are held in memory: derived, and never a proof
    Remembered {
        /// The commit; `None` until an identifier had to be looked for
        at: Option<ObjectId>,
        /// Those that the journal had there
        all: BTreeSet<Ulid>,
    },
}

impl Identifiers {
    pub(super) const fn looked_up() -> Self {
        Self::LookedUp
    }

    pub(super) const fn remembered() -> Self {
        Self::Remembered {
            at: None,
            all: BTreeSet::new(),
        }
    }

    /// The events of a journal, which stands at `tip`, that have an identifier of one of `events`.
    pub(super) fn find<'e>(
        &mut self,
        repository: &Repository,
        (tip, head): (Option<ObjectId>, &Head),
        events: impl Iterator<Item = &'e Signed<Event>>,
    ) -> Result<BTreeMap<Ulid, Event>, Error> {
        let old = |ulid: &Ulid| head.max_ulid.is_some_and(|max| *ulid <= max);
        let mut open: BTreeSet<Ulid> = events.map(|event| event.statement().ulid).collect();
        open.retain(old);
        let mut found = BTreeMap::new();
        let Some(tip) = tip.filter(|_| !open.is_empty()) else {
            return Ok(found);
        };
        if let Self::Remembered { at, all } = self {
            catch_up(repository, tip, (at, all))?;
            open.retain(|ulid| all.contains(ulid));
        }
        if open.is_empty() {
            return Ok(found);
        }
        walk_back(repository, tip, |_, batch| {
            for envelope in &batch.events {
                let event = read_event(envelope)?;
                if open.remove(&event.ulid) {
                    found.insert(event.ulid, event);
                }
            }
            Ok(!open.is_empty())
        })?;
        Ok(found)
    }

    /// The journal went on from `tip` to `commit` with these.
    pub(super) fn extend<'u>(
        &mut self,
        (tip, commit): (Option<ObjectId>, ObjectId),
        fresh: impl Iterator<Item = &'u Ulid>,
    ) {
        if let Self::Remembered { at, all } = self
            && at.is_some()
            && *at == tip
        {
            all.extend(fresh);
            *at = Some(commit);
        }
    }
}

/// Read what was appended since the commit that is remembered.
///
/// If that commit is not of this history any more, all of it is read; what is remembered beside it is
/// looked for and not found.
fn catch_up(
    repository: &Repository,
    tip: ObjectId,
    (at, all): (&mut Option<ObjectId>, &mut BTreeSet<Ulid>),
) -> Result<(), Error> {
    if *at == Some(tip) {
        return Ok(());
    }
    walk_back(repository, tip, |id, batch| {
        if *at == Some(id) {
            return Ok(false);
        }
        for envelope in &batch.events {
            all.insert(read_event(envelope)?.ulid);
        }
        Ok(true)
    })?;
    *at = Some(tip);
    Ok(())
}
