//! The data model: what an event, a state or a statement can hold. `docs/spec/encoding.md#values`.

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod excerpt;
mod map;

use std::fmt;

use crate::cid::Cid;
use crate::decimal::Decimal;

#[cfg(feature = "arbitrary")]
pub use self::arbitrary::{Shape, decimals, values};
pub use self::excerpt::{Excerpt, is_unsafe_to_show};
pub(crate) use self::map::key_byte_order;
pub use self::map::{Map, key_order};

/// Prefix of the map keys that belong to the format; users' keys may not begin with it.
pub const RESERVED_KEY_PREFIX: char = '$';

/// One value of the data model. There are no floats.
#[derive(Clone, Eq, PartialEq)]
pub enum Value {
    /// The absence of a value, written down
    Null,
    /// True or false
    Bool(bool),
    /// An integer of 64 bits
    Integer(i64),
    /// A number that is no 64-bit integer; made by [`Value::number`], which keeps it so
    Decimal(Fraction),
    /// Unicode text, not normalised
    Text(String),
    /// Bytes
    Bytes(Vec<u8>),
    /// An ordered sequence
    List(Vec<Self>),
    /// Entries with distinct text keys, in DAG-CBOR order
    Map(Map),
    /// A reference to another block
    Link(Cid),
}

/// A [`Decimal`] that is no 64-bit integer, so that one number has one representation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fraction(Decimal);

impl Fraction {
    /// The number.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl Value {
    /// The one value that stands for this number.
    #[must_use]
    pub fn number(number: Decimal) -> Self {
        number
            .to_i64()
            .map_or(Self::Decimal(Fraction(number)), Self::Integer)
    }

    /// A number of things or bytes; ours stay far below 2^63, where this would saturate.
    #[must_use]
    pub fn count(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A map of these entries; a key given twice keeps its last value.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// A list of these items.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A byte string.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// What kind of value this is, in the words of the specification.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Link(_) => "link",
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Cid> for Value {
    fn from(value: Cid) -> Self {
        Self::Link(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::number(value)
    }
}

impl fmt::Debug for Value {
    /// The JSON projection, which is what people read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::json::to_string(self))
    }
}
