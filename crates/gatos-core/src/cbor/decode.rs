//! Bytes to value, refusing every byte string that the encoder would not write.
//!
//= spec/encoding.md#dag-cbor

use super::reader::{Build, Scalar, read};
use super::{DecodeError, MAX_BLOCK_BYTES, MAX_DEPTH, MAX_ITEMS};
use crate::value::{Map, Value};

/// Most items of a list for which room is made before they have been seen.
const MAX_RESERVED_ITEMS: usize = 64;

/// Whether map keys that begin with `$` may stand in a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// Only where they are the format's own (`$dec`): users' data and statements
    Users,
    /// Anywhere: the format's own blocks, such as nodes of a state tree
    Reserved,
}

/// What a block may be at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Size of the block in bytes
    pub max_bytes: usize,
    /// Nesting of lists and maps
    pub max_depth: usize,
    /// Number of values, those inside lists and maps included
    pub max_items: usize,
    /// Which keys may stand in it
    pub keys: Keys,
}

impl Limits {
    /// The limits of a block of which nothing more is known.
    pub const BLOCK: Self = Self {
        max_bytes: MAX_BLOCK_BYTES,
        max_depth: MAX_DEPTH,
        max_items: MAX_ITEMS,
        keys: Keys::Users,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::BLOCK
    }
}

/// The value whose one byte string `bytes` is.
///
/// # Errors
/// Anything but strict DAG-CBOR within the default [`Limits`].
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_with(bytes, &Limits::BLOCK)
}

/// As [`decode`], within other limits.
///
/// # Errors
/// Anything but strict DAG-CBOR within `limits`.
pub fn decode_with(bytes: &[u8], limits: &Limits) -> Result<Value, DecodeError> {
    read(bytes, limits, &mut Values)
}

/// Items become values.
pub(super) struct Values;

impl Build for Values {
    type Item = Value;
    type List = Vec<Value>;
    type Map = Map;
    type Error = DecodeError;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<Value, DecodeError> {
        Ok(match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(boolean) => Value::Bool(boolean),
            Scalar::Integer(integer) => Value::Integer(integer),
            Scalar::Decimal(number) => Value::number(number),
            Scalar::Text(text) => Value::Text(text.to_owned()),
            Scalar::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Scalar::Link(cid) => Value::Link(cid),
        })
    }

    fn list(&mut self, count: usize) -> Result<Vec<Value>, DecodeError> {
        Ok(Vec::with_capacity(count.min(MAX_RESERVED_ITEMS)))
    }

    fn item(&mut self, list: &mut Vec<Value>, item: Value) {
        list.push(item);
    }

    fn end_list(&mut self, list: Vec<Value>) -> Value {
        Value::List(list)
    }

    fn map(&mut self, count: usize) -> Result<Map, DecodeError> {
        Ok(Map::with_capacity(count.min(MAX_RESERVED_ITEMS)))
    }

    fn entry(&mut self, map: &mut Map, key: Option<&str>, item: Value) {
        map.push_last(key.unwrap_or_default().to_owned(), item);
    }

    fn end_map(&mut self, map: Map) -> Value {
        Value::Map(map)
    }
}
