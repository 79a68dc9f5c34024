//! Why something is not one of our content identifiers.

/// Why bytes or text are not a [`Cid`](super::Cid).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CidError {
    /// Neither 36 bytes nor a prefix of them
    #[error("a content id has 36 bytes, not {found}")]
    Length {
        /// Bytes found
        found: usize,
    },
    /// CIDv0 or a later version
    #[error("content id version {found} is not 1")]
    Version {
        /// First byte found
        found: u8,
    },
    /// A codec outside the profile
    #[error("content id codec {found:#04x} is neither raw (0x55) nor dag-cbor (0x71)")]
    Codec {
        /// Second byte found
        found: u8,
    },
    /// A hash function or digest length outside the profile
    #[error("content id hash {found:#04x} is not sha2-256 of 32 bytes")]
    Hash {
        /// Third byte found
        found: u8,
    },
    /// Text that is not base32 in lower case with the prefix `b`
    #[error("a content id is written in lower-case base32 and begins with `b`")]
    Text,
}
