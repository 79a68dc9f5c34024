//! States as Merkle trees: the root depends on the value alone, and one changed key changes few
//! blocks. `docs/spec/state.md`.
//!
//! ```
//! use gatos_core::{json, state::StateTree};
//!
//! let value = json::from_str(r#"{"n": 2, "groups": {"Adelie": {"n": 2}}}"#)?;
//! let tree = StateTree::build(&value);
//! let fetch = |cid: &_| tree.blocks.get(cid).cloned();
//! assert_eq!(StateTree::load(tree.root, &fetch)?, value);
//! let n = StateTree::get(tree.root, &"groups.Adelie.n".parse()?, &fetch)?;
//! assert_eq!(n, Some(2.into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod compare;
mod diff;
mod error;
mod load;
mod memo;
mod path;
mod prove;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;

use crate::cid::Cid;
use crate::value::Value;

pub use self::diff::{Diff, Difference, Side};
pub use self::error::{PathError, StateError};
pub use self::load::children;
pub use self::memo::{Memo, Revision};
pub use self::path::{StatePath, Step};
pub use self::prove::{StateProof, StateProofError};

/// Largest encoding of a value that stands inside the block of what contains it, in bytes.
pub const MAX_INLINE_VALUE_BYTES: usize = 1024;
/// Largest encoding of a list or map that is not split, in bytes.
pub const MAX_PLAIN_BYTES: usize = 2048;
/// Largest encoding of a part of a split list or map that stands inside the block of the parts.
pub const MAX_INLINE_PART_BYTES: usize = 256;
/// Parts of a split list or map.
pub const FANOUT: usize = 16;
/// Most values, those inside lists and maps included, of a state that is read.
pub const MAX_STATE_VALUES: usize = 1 << 25;
/// Largest block of a state tree that is read, in bytes.
pub const MAX_STATE_BLOCK_BYTES: usize = 64 << 20;

/// Key of the map that stands for a value in a block of its own.
const NODE_KEY: &str = "$node";
/// Key of the map that stands for a split map.
const MAP_KEY: &str = "$map";
/// Key of the map that stands for a split list.
const LIST_KEY: &str = "$list";

/// The blocks of a state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateTree {
    /// The id of the root block: `state_root`
    pub root: Cid,
    /// Every block, by its id
    pub blocks: BTreeMap<Cid, Vec<u8>>,
}

/// Where blocks come from; `None` where there is none of this id.
pub type Fetch<'a> = dyn Fn(&Cid) -> Option<Vec<u8>> + 'a;

impl StateTree {
    /// The tree of a value.
    #[must_use]
    pub fn build(value: &Value) -> Self {
        build::build(value)
    }

    /// The value of a tree, which must be exactly the one that [`build`](Self::build) makes.
    ///
    /// # Errors
    /// A block that is missing, damaged or not in its one form, or too many values.
    pub fn load(root: Cid, fetch: &Fetch<'_>) -> Result<Value, StateError> {
        load::load(root, fetch)
    }

    /// The value at `path`, read from the few blocks on the way; `None` where there is nothing.
    ///
    /// # Errors
    /// As [`load`](Self::load), of the blocks on the way.
    pub fn get(
        root: Cid,
        path: &StatePath,
        fetch: &Fetch<'_>,
    ) -> Result<Option<Value>, StateError> {
        load::get(root, path, fetch)
    }

    /// What the states with the roots `old` and `new` hold differently, of which at most `limit`
    /// differences are listed. Each state comes with where its blocks are; only blocks that differ
    /// are asked for.
    ///
    /// # Errors
    /// As [`load`](Self::load), of the blocks that differ.
    pub fn diff(
        old: (Cid, &Fetch<'_>),
        new: (Cid, &Fetch<'_>),
        limit: usize,
    ) -> Result<Diff, StateError> {
        diff::diff(old, new, limit)
    }
}
