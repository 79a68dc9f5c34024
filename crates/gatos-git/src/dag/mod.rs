//! A DAG of content-addressed blocks mirrored in Git trees, so that unchanged parts are shared.
//!
//! A block without stored links is a blob. A block with stored links is a tree: `block` is the
//! block itself, and `0000`, `0001`, … (the place of the link in the block, in hexadecimal) are
//! the linked blocks in the same form. Links to blocks that are not stored have no entry.
//! `docs/spec/refs.md#blocks`.

mod error;
mod read;
#[cfg(test)]
mod tests;
mod write;

use gatos_core::cbor::{self, DecodeError, Keys, Limits};
use gatos_core::cid::{Cid, Codec};
use gatos_core::value::Value;

pub use self::error::{ReadDagError, StageDagError};
pub use self::read::Dag;

/// Most blocks that are read of one DAG.
pub const MAX_DAG_BLOCKS: usize = 1 << 22;
/// Most bytes that are read of one DAG.
pub const MAX_DAG_BYTES: u64 = 1 << 30;
/// Deepest chain of links that is stored, within Git's own limit for trees.
const MAX_DEPTH: usize = 1024;

/// Deepest nesting inside one block: that of a value, with room for the lists and maps that a state
/// is split with.
const MAX_BLOCK_DEPTH: usize = 4 * cbor::MAX_DEPTH;

/// The entry that holds the block itself.
const BLOCK: &str = "block";

/// The entry of the link at `index`.
fn link_entry(index: usize) -> String {
    format!("{index:04x}")
}

/// The links of a block in the order of its encoding.
fn links(cid: &Cid, bytes: &[u8]) -> Result<Vec<Cid>, DecodeError> {
    if cid.codec() == Codec::Raw {
        return Ok(Vec::new());
    }
    let limits = Limits {
        keys: Keys::Reserved,
        max_depth: MAX_BLOCK_DEPTH,
        ..Limits::default()
    };
    let mut found = Vec::new();
    collect(&cbor::decode_with(bytes, &limits)?, &mut found);
    Ok(found)
}

fn collect(value: &Value, found: &mut Vec<Cid>) {
    match value {
        Value::Link(cid) => found.push(*cid),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Map(map) => map.iter().for_each(|(_, item)| collect(item, found)),
        _ => {}
    }
}
