//! `gatos state diff`: what two states hold differently.

use gatos_core::cid::Cid;
use gatos_core::state::{Difference, Side, StateTree};
use serde::Serialize;
use serde_json::value::RawValue;

use super::point::{OpenState, Point, open};
use crate::error::Error;
use crate::journal::raw_json;
use crate::repository::Repository;

/// What two states hold differently.
#[derive(Clone, Debug, Serialize)]
pub struct DiffReport {
    /// The one
    pub old: PointView,
    /// The other
    pub new: PointView,
    /// Number of places where they differ
    pub count: u64,
    /// These places, as many as were asked for, by path
    pub differences: Vec<DifferenceView>,
}

/// A checkpoint, at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct PointView {
    /// The state
    pub state: String,
    /// The checkpoint's number, from 0
    pub seq: u64,
    /// Number of events that were folded
    pub history_size: u64,
    /// The root of the state
    pub state_root: String,
}

/// A place where two states differ.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceView {
    /// The place
    pub path: String,
    /// `added`, `removed` or `changed`
    pub change: &'static str,
    /// What stood there
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<SideView>,
    /// What stands there
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<SideView>,
}

/// What stands at a place: the value, or its kind and size where it is large.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SideView {
    /// The value as JSON
    Value(Box<RawValue>),
    /// A value that is not shown
    Large {
        /// `map`, `list`, `text` or `bytes`
        kind: &'static str,
        /// Number of entries, items or bytes
        size: u64,
    },
}

impl From<&OpenState> for PointView {
    fn from(open: &OpenState) -> Self {
        let proof = open.proof.statement();
        Self {
            state: open.state.to_string(),
            seq: proof.position.seq,
            history_size: proof.history_size,
            state_root: proof.state_root.to_string(),
        }
    }
}

/// What the states of two checkpoints hold differently; at most `limit` differences are listed.
///
/// # Errors
/// A checkpoint that is not there, or a state that is damaged where the two differ.
pub fn diff(
    repository: &Repository,
    (old, new): (&Point, &Point),
    limit: usize,
) -> Result<DiffReport, Error> {
    let (old, new) = (open(repository, old)?, open(repository, new)?);
    let found = StateTree::diff(
        (old.root(), &|cid: &Cid| old.block(cid)),
        (new.root(), &|cid: &Cid| new.block(cid)),
        limit,
    );
    old.ensure_read()?;
    let found = new.believe(found)?;
    let differences: Result<_, Error> = found.listed.into_iter().map(difference).collect();
    Ok(DiffReport {
        old: (&old).into(),
        new: (&new).into(),
        count: found.count,
        differences: differences?,
    })
}

fn difference(found: Difference) -> Result<DifferenceView, Error> {
    let change = match (&found.old, &found.new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    Ok(DifferenceView {
        path: found.path.to_string(),
        change,
        old: found.old.map(side).transpose()?,
        new: found.new.map(side).transpose()?,
    })
}

fn side(side: Side) -> Result<SideView, Error> {
    Ok(match side {
        Side::Value(value) => SideView::Value(raw_json(&value)?),
        Side::Large { kind, size } => SideView::Large { kind, size },
    })
}
