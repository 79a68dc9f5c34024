//! Finding out about one update what the rules ask about.

use gatos_core::gate::{Change, Facts, Target};
use gatos_core::place::Place;
use gatos_git::{FindRefError, HistoryError, ObjectId, ObjectKind, RefUpdate};

use super::court::Court;
use crate::error::{Context, Error};

/// Most commits of a branch that are walked to tell whether it goes on.
const MAX_WALK: usize = 200_000;

/// What was found out, and the commits that would come into a ref of ours, oldest first.
pub(super) struct Found {
    pub(super) facts: Facts,
    pub(super) commits: Vec<ObjectId>,
}

/// Find out about one update.
///
/// # Errors
/// Something that cannot be read.
pub(super) fn facts(court: &Court<'_>, update: &RefUpdate, place: &Place) -> Result<Found, Error> {
    let name = update.name.as_str();
    let symbolic = match court.push.before.find_any_ref(&update.name) {
        Ok(_) => None,
        Err(FindRefError::Symbolic { target, .. }) => Some(target),
        Err(error) => return Err(error).or_failed(|| format!("cannot read `{name}`")),
    };
    let mut found = Found {
        facts: Facts {
            name: name.to_owned(),
            old: update.old.map(|id| id.to_string()),
            new: update.new.map(|id| id.to_string()),
            founded: court.is_founded(),
            symbolic,
            twin: None,
            target: update.new.map(|id| target(court, &id)).transpose()?,
            change: Change::Unknown,
            merge: false,
            flaw: None,
        },
        commits: Vec::new(),
    };
    found.facts.change = match (update.old, update.new) {
        (_, None) => Change::Deleted,
        (old, Some(new)) if place.is_ours() => ours(court, (old, new), &mut found)?,
        (None, Some(_)) => Change::Created,
        (Some(old), Some(new)) => free(court, old, new, found.facts.target)?,
    };
    Ok(found)
}

fn target(court: &Court<'_>, id: &ObjectId) -> Result<Target, Error> {
    Ok(match court.kind(id)? {
        None => Target::Missing,
        Some(ObjectKind::Commit) => Target::Commit,
        Some(ObjectKind::Tag) => Target::Tag,
        Some(ObjectKind::Tree) => Target::Tree,
        Some(ObjectKind::Blob) => Target::Blob,
    })
}

/// A ref of ours: linear from the old commit to the new one, or from the first.
fn ours(
    court: &Court<'_>,
    (old, new): (Option<ObjectId>, ObjectId),
    found: &mut Found,
) -> Result<Change, Error> {
    if found.facts.target != Some(Target::Commit) {
        return Ok(Change::Unknown);
    }
    match court.view.history_since(old, new) {
        Ok(commits) => {
            found.commits = commits;
            Ok(if old.is_some() {
                Change::Forward
            } else {
                Change::Created
            })
        }
        Err(HistoryError::Merge { .. }) => {
            found.facts.merge = true;
            match old {
                None => Ok(Change::Created),
                Some(old) => free(court, old, new, found.facts.target),
            }
        }
        Err(HistoryError::NotAnAncestor { .. }) => Ok(Change::Rewound),
        Err(_) => Ok(Change::Unknown),
    }
}

/// A branch or tag, along all parents.
fn free(
    court: &Court<'_>,
    old: ObjectId,
    new: ObjectId,
    target: Option<Target>,
) -> Result<Change, Error> {
    if target != Some(Target::Commit) {
        return Ok(Change::Rewound);
    }
    match court.view.descends(new, old, MAX_WALK) {
        Ok(Some(true)) => Ok(Change::Forward),
        Ok(Some(false)) => Ok(Change::Rewound),
        Ok(None) | Err(HistoryError::Read { .. }) => Ok(Change::Unknown),
        Err(error) => Err(error).or_failed(|| format!("cannot follow the history of {new}")),
    }
}
