//! Strict DAG-CBOR: one value, one byte string. `docs/spec/encoding.md#dag-cbor`.
//!
//! The decoder accepts exactly the bytes that the encoder writes, and everything that is hashed or
//! signed goes through this one pair.

mod decode;
mod encode;
mod error;
mod fields;
mod reader;
#[cfg(test)]
mod tests;

pub use self::decode::{Keys, Limits, decode, decode_with};
pub(crate) use self::encode::{
    Rest, Sink, is_encoding, write, write_bytes, write_count, write_link, write_text,
};
pub use self::encode::{encode, encoded_len};
pub use self::error::{DecodeError, DecodeErrorKind};
pub use self::fields::{FieldError, Fields};
pub(crate) use self::reader::{Build, Scalar, read};

/// Deepest nesting of lists and maps.
pub const MAX_DEPTH: usize = 64;
/// Largest block that is decoded where no smaller limit is given, in bytes.
pub const MAX_BLOCK_BYTES: usize = 64 << 20;
/// Most values in one block where no smaller limit is given.
pub const MAX_ITEMS: usize = 1 << 20;

/// The key of the map that stands for a decimal.
pub(crate) const DECIMAL_KEY: &str = "$dec";
/// The CBOR tag of a link.
const LINK_TAG: u64 = 42;
