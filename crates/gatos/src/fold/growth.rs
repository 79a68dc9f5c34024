//! A state's tree as it grows from checkpoint to checkpoint: what did not change is neither hashed
//! nor written again.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::state::{Memo, StateTree};
use gatos_core::value::Value;
use gatos_git::{Dag, EntryRef, StageDagError, Transaction};

use super::point::OpenState;
use crate::error::{Context, Error};

/// The newest tree of a state, from which the next one grows.
///
/// ```text
/// let tree = growth.next(&state)?;        the tree of the next state
/// … sign tree.root(), stage and publish the tree …
/// growth.stored(dag, &state, &tree);      and from now on that is the newest
/// ```
#[derive(Debug, Default)]
pub struct Growth {
    /// Where the newest tree lies in Git
    base: Option<Dag>,
    /// Its state, where it is known
    memo: Option<Memo>,
}

/// A state's tree, ready to be staged.
#[derive(Debug)]
pub struct GrownTree {
    root: Cid,
    blocks: BTreeMap<Cid, Vec<u8>>,
    extent: Extent,
}

/// Which blocks of a tree are given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Extent {
    /// All of them
    Whole,
    /// Those that the newest tree does not have
    Beyond,
}

impl Growth {
    /// Grow from a checkpoint whose state nobody has in memory: the next tree is built whole, and what
    /// it shares with that of the checkpoint is not written again.
    #[must_use]
    pub fn upon(checkpoint: OpenState) -> Self {
        Self {
            base: Some(checkpoint.into_dag()),
            memo: None,
        }
    }

    /// Grow from a tree that lies in Git as `base`, whose value is `state`.
    #[must_use]
    pub fn from(base: Dag, state: &Value) -> Self {
        let memo = Some(Memo::new(base.root(), state));
        Self {
            base: Some(base),
            memo,
        }
    }

    /// The tree of the next state.
    ///
    /// # Errors
    /// A block of the newest tree that is missing or damaged.
    pub fn next(&mut self, state: &Value) -> Result<GrownTree, Error> {
        let (Some(base), Some(memo)) = (&self.base, &mut self.memo) else {
            let tree = StateTree::build(state);
            return Ok(GrownTree {
                root: tree.root,
                blocks: tree.blocks,
                extent: Extent::Whole,
            });
        };
        let failure = std::cell::RefCell::new(None);
        let fetch = |cid: &Cid| {
            let block = base.block(cid);
            block.unwrap_or_else(|error| {
                *failure.borrow_mut() = Some(error);
                None
            })
        };
        let revision = memo.advance(state, &fetch);
        let damaged = || format!("the state {} is damaged", base.root());
        failure.take().map_or(Ok(()), Err).or_mismatch(damaged)?;
        let revision = revision.or_mismatch(damaged)?;
        Ok(GrownTree {
            root: revision.root,
            blocks: revision.blocks,
            extent: Extent::Beyond,
        })
    }

    /// The tree that [`next`](Self::next) gave lies in Git as `dag` now, and is the newest.
    pub fn stored(&mut self, dag: Dag, state: &Value) {
        if self.memo.as_ref().map(Memo::root) != Some(dag.root()) {
            self.memo = Some(Memo::new(dag.root(), state));
        }
        self.base = Some(dag);
    }

    /// Stage a tree that [`next`](Self::next) gave.
    ///
    /// # Errors
    /// A block that cannot be written, or a base that cannot be read.
    pub fn stage(
        &self,
        tree: &GrownTree,
        transaction: &mut Transaction,
    ) -> Result<EntryRef, StageDagError> {
        let block = |cid: &Cid| tree.blocks.get(cid).cloned();
        match (&self.base, tree.extent) {
            (Some(base), Extent::Beyond) => transaction.dag_grown(base, &tree.root, &block),
            (Some(base), Extent::Whole) => transaction.dag_upon(base, &tree.root, &block),
            (None, _) => transaction.dag(&tree.root, &block),
        }
    }
}

impl GrownTree {
    /// The root: `state_root`.
    #[must_use]
    pub const fn root(&self) -> Cid {
        self.root
    }

    /// The blocks that were made.
    #[must_use]
    pub const fn blocks(&self) -> &BTreeMap<Cid, Vec<u8>> {
        &self.blocks
    }
}
