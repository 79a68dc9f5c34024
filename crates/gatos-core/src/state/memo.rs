//! What is remembered of a state, so that the next tree of it costs what changed.

use std::collections::BTreeMap;

use super::compare::{compare, patch};
use super::update::update;
use super::{Fetch, StateError};
use crate::cbor;
use crate::cid::Cid;
use crate::value::Value;

/// The state of the last tree, as its encoding: about as many bytes as the tree has.
#[derive(Clone, Debug)]
pub struct Memo {
    root: Cid,
    encoded: Vec<u8>,
}

/// A tree, as what it has beyond the one before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revision {
    /// The id of the root block: `state_root`
    pub root: Cid,
    /// The blocks that were made; those of the tree before may be among them
    pub blocks: BTreeMap<Cid, Vec<u8>>,
}

impl Memo {
    /// Remember a value whose tree has the root `root`.
    ///
    /// Whoever gets the pair from elsewhere checks it first, as [`StateTree::load`] does.
    ///
    /// [`StateTree::load`]: super::StateTree::load
    #[must_use]
    pub fn new(root: Cid, value: &Value) -> Self {
        Self {
            root,
            encoded: cbor::encode(value),
        }
    }

    /// The root of the tree that is remembered.
    #[must_use]
    pub const fn root(&self) -> Cid {
        self.root
    }

    /// The tree of the next value, which is remembered from now on: the same as
    /// [`StateTree::build`] makes, but only the blocks that change are made. `fetch` gives the blocks
    /// of the tree before, of which those on the way to what changed are asked for.
    ///
    /// # Errors
    /// A block of the tree before that is missing or damaged; then nothing is remembered anew.
    ///
    /// [`StateTree::build`]: super::StateTree::build
    pub fn advance(&mut self, value: &Value, fetch: &Fetch<'_>) -> Result<Revision, StateError> {
        let shape = StateError::Shape { cid: self.root };
        let comparison = compare(&self.encoded, value).ok_or(shape)?;
        let Some(change) = &comparison.change else {
            return Ok(Revision {
                root: self.root,
                blocks: BTreeMap::new(),
            });
        };
        let revision = update(self.root, change, fetch)?;
        self.root = revision.root;
        self.encoded = patch(std::mem::take(&mut self.encoded), &comparison.patches);
        Ok(revision)
    }
}
