//! Content identifiers: CIDv1, codec dag-cbor or raw, multihash sha2-256. `docs/spec/encoding.md#cid`.

mod error;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

pub use self::error::CidError;

/// Length of the binary form: version, codec, hash code, hash length, digest.
pub const CID_BYTES: usize = 36;

/// Base32 digits of the text form, after its prefix.
const TEXT_DIGITS: usize = (CID_BYTES * 8).div_ceil(5);

/// What the bytes behind a [`Cid`] are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Codec {
    /// Opaque bytes, multicodec `0x55`
    Raw,
    /// Strict DAG-CBOR, multicodec `0x71`
    DagCbor,
}

impl Codec {
    const fn code(self) -> u8 {
        match self {
            Self::Raw => 0x55,
            Self::DagCbor => 0x71,
        }
    }
}

/// The identifier of a block: a hash of its bytes and what they are.
///
/// The text form is base32 in lower case (`bafyrei…`, `bafkrei…`); nothing else is accepted.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cid {
    codec: Codec,
    digest: [u8; 32],
}

impl Cid {
    /// The identifier of `bytes`, which are hashed here.
    #[must_use]
    pub fn of(codec: Codec, bytes: &[u8]) -> Self {
        Self {
            codec,
            digest: Sha256::digest(bytes).into(),
        }
    }

    /// The identifier of a DAG-CBOR block.
    #[must_use]
    pub fn of_dag_cbor(bytes: &[u8]) -> Self {
        Self::of(Codec::DagCbor, bytes)
    }

    /// The identifier of a block of opaque bytes.
    #[must_use]
    pub fn of_raw(bytes: &[u8]) -> Self {
        Self::of(Codec::Raw, bytes)
    }

    /// An identifier from a digest that was computed elsewhere.
    #[must_use]
    pub const fn from_digest(codec: Codec, digest: [u8; 32]) -> Self {
        Self { codec, digest }
    }

    /// What the bytes are.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// The SHA-256 of the bytes.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether `bytes` are the ones that this identifier names.
    #[must_use]
    pub fn names(&self, bytes: &[u8]) -> bool {
        Sha256::digest(bytes)[..] == self.digest[..]
    }

    /// The binary form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CID_BYTES] {
        let mut bytes = [0; CID_BYTES];
        bytes[..4].copy_from_slice(&[0x01, self.codec.code(), 0x12, 0x20]);
        bytes[4..].copy_from_slice(&self.digest);
        bytes
    }

    /// Read the binary form.
    ///
    /// # Errors
    /// Any version, codec, hash function or length but ours.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CidError> {
        let [version, codec, hash, length, digest @ ..] = bytes else {
            return Err(CidError::Length { found: bytes.len() });
        };
        if *version != 0x01 {
            return Err(CidError::Version { found: *version });
        }
        let codec = match codec {
            0x55 => Codec::Raw,
            0x71 => Codec::DagCbor,
            found => return Err(CidError::Codec { found: *found }),
        };
        if (*hash, *length) != (0x12, 0x20) {
            return Err(CidError::Hash { found: *hash });
        }
        let digest = digest
            .try_into()
            .map_err(|_| CidError::Length { found: bytes.len() })?;
        Ok(Self { codec, digest })
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "b{}",
            BASE32_NOPAD.encode(&self.to_bytes()).to_ascii_lowercase()
        )
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Cid {
    type Err = CidError;

    fn from_str(text: &str) -> Result<Self, CidError> {
        let body = text
            .strip_prefix('b')
            .filter(|body| body.len() == TEXT_DIGITS)
            .ok_or(CidError::Text)?;
        if !body
            .bytes()
            .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        {
            return Err(CidError::Text);
        }
        let bytes = BASE32_NOPAD
            .decode(body.to_ascii_uppercase().as_bytes())
            .map_err(|_| CidError::Text)?;
        Self::from_bytes(&bytes)
    }
}
