//! Why bytes are not strict DAG-CBOR.

use crate::cid::CidError;
use crate::decimal::DecimalError;
use crate::value::Excerpt;

/// Where decoding ended, and why.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} (at byte {offset})")]
pub struct DecodeError {
    /// Offset of the first byte of the item that is wrong
    pub offset: usize,
    /// What is wrong with it
    pub kind: DecodeErrorKind,
}

/// What is wrong with an item.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The bytes end inside an item, or a length claims more than there are
    #[error("the bytes end inside an item")]
    Truncated,
    /// Bytes after the one item that a block is
    #[error("bytes after the end of the value")]
    Trailing,
    /// A length or integer that a shorter head would hold
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// An indefinite length or a stray break
    #[error("indefinite lengths are not allowed")]
    Indefinite,
    /// A float of any width
    #[error("floating-point numbers are not allowed")]
    Float,
    /// A simple value but false, true and null
    #[error("only false, true and null are allowed as simple values")]
    Simple,
    /// A head that CBOR reserves
    #[error("the head of an item is one that CBOR reserves")]
    Head,
    /// An integer outside 64 bits
    #[error("an integer does not fit 64 bits")]
    IntegerRange,
    /// A tag but 42, or 42 in a longer form
    #[error("tag {tag} is not allowed: only 42 (a link) is")]
    Tag {
        /// The tag found
        tag: u64,
    },
    /// A tag 42 around something but a byte string that begins with 0
    #[error("a link is not a byte string that begins with 0")]
    LinkForm,
    /// A tag 42 around something that is no content id of ours
    #[error("a link is not one of our content ids: {cause}")]
    Link {
        /// What is wrong with it
        cause: CidError,
    },
    /// Text that is not UTF-8
    #[error("text is not UTF-8")]
    Utf8,
    /// A map key that is no text
    #[error("a map key is not text")]
    KeyType,
    /// A map key that is not after the one before it
    #[error("map key `{}` is out of order or there twice", Excerpt(.key))]
    KeyOrder {
        /// The later key
        key: String,
    },
    /// A key that begins with `$` and is not the format's own
    #[error("map key `{}` begins with `$`, which is reserved", Excerpt(.key))]
    ReservedKey {
        /// The key
        key: String,
    },
    /// A decimal that is no text, or that an integer would hold
    #[error("a decimal is not text, or an integer would hold it")]
    DecimalForm,
    /// A decimal that is not in its one form
    #[error("a decimal is not in its one form: {cause}")]
    Decimal {
        /// What is wrong
        cause: DecimalError,
    },
    /// Lists and maps nested too deeply
    #[error("nesting is deeper than {max}")]
    Depth {
        /// The limit
        max: usize,
    },
    /// More values than a block of its kind may hold
    #[error("there are more than {max} values")]
    Items {
        /// The limit
        max: usize,
    },
    /// A block larger than its kind may be
    #[error("{found} bytes are more than the {max} that are allowed here")]
    Size {
        /// Size found
        found: usize,
        /// The limit
        max: usize,
    },
}

impl DecodeErrorKind {
    /// The class of the error, one word for other implementations to agree on.
    /// `docs/spec/encoding.md#refusals`.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Trailing => "trailing",
            Self::NotShortest => "not-shortest",
            Self::Indefinite => "indefinite",
            Self::Float => "float",
            Self::Simple => "simple",
            Self::Head => "head",
            Self::IntegerRange => "integer-range",
            Self::Tag { .. } => "tag",
            Self::LinkForm => "link-form",
            Self::Link { .. } => "link",
            Self::Utf8 => "utf8",
            Self::KeyType => "key-type",
            Self::KeyOrder { .. } => "key-order",
            Self::ReservedKey { .. } => "reserved-key",
            Self::DecimalForm => "decimal-form",
            Self::Decimal { .. } => "decimal",
            Self::Depth { .. } => "depth",
            Self::Items { .. } => "items",
            Self::Size { .. } => "size",
        }
    }
}
