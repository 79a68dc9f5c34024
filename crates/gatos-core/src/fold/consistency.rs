//! The block that shows a history to extend an earlier one. `docs/spec/fold.md#consistency`.

use crate::cbor::{self, DecodeError, FieldError, Fields, Limits};
use crate::merkle::{ProofError, TreeHash, verify_consistency};
use crate::value::Value;

/// Most hashes of a path: two trees of at most 2^64 leaves need no more.
pub const MAX_CONSISTENCY_HASHES: usize = 65;
/// Largest block, in bytes.
const MAX_BYTES: usize = 64 + 34 * MAX_CONSISTENCY_HASHES;

/// A consistency path of RFC 9162; the sizes and roots stand in the proofs on either side of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Consistency {
    /// The hashes, as section 2.1.4.1 orders them
    pub path: Vec<TreeHash>,
}

/// Why bytes are no such block.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConsistencyError {
    /// Not strict DAG-CBOR
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Other fields than its own
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Consistency {
    /// The one byte string of the block.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let path = self
            .path
            .iter()
            .map(|hash| Value::bytes(hash.as_bytes().to_vec()));
        cbor::encode(&Value::map([
            ("v", Value::Integer(1)),
            ("path", Value::list(path)),
        ]))
    }

    /// Read a block; whether it proves anything, [`check`](Self::check) tells.
    ///
    /// # Errors
    /// Any bytes but those that [`encode`](Self::encode) writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, ConsistencyError> {
        let limits = Limits {
            max_bytes: MAX_BYTES,
            ..Limits::default()
        };
        let mut fields = Fields::of("consistency", cbor::decode_with(bytes, &limits)?)?;
        if fields.integer("v")? != 1 {
            return Err(fields.content("v", "1, the only version").into());
        }
        let items = fields.list("path")?;
        let wrong = || fields.content("path", "a list of at most 65 hashes");
        if items.len() > MAX_CONSISTENCY_HASHES {
            return Err(wrong().into());
        }
        let path = items.into_iter().map(|item| match item {
            Value::Bytes(bytes) => bytes.try_into().map(TreeHash::from_bytes).ok(),
            _ => None,
        });
        let path: Option<Vec<_>> = path.collect();
        let path = path.ok_or_else(wrong)?;
        fields.finish()?;
        Ok(Self { path })
    }

    /// Check that the history of `old` events with that root is the beginning of the one of `new`.
    ///
    /// # Errors
    /// A path that does not prove it.
    pub fn check(&self, old: (u64, TreeHash), new: (u64, TreeHash)) -> Result<(), ProofError> {
        verify_consistency(old, new, &self.path)
    }
}
