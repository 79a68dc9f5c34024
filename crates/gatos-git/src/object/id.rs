//! Ids of Git objects: locators of any hash kind, never evidence.

use std::fmt;
use std::str::FromStr;

use super::ObjectIdError;

/// The hash function of a repository.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ObjectFormat {
    /// SHA-1, with detection of collision attacks
    #[default]
    Sha1,
    /// SHA-256
    Sha256,
}

impl ObjectFormat {
    /// Number of hexadecimal digits of an id.
    #[must_use]
    pub const fn hex_len(self) -> usize {
        match self {
            Self::Sha1 => 40,
            Self::Sha256 => 64,
        }
    }

    pub(crate) const fn to_gix(self) -> gix::hash::Kind {
        match self {
            Self::Sha1 => gix::hash::Kind::Sha1,
            Self::Sha256 => gix::hash::Kind::Sha256,
        }
    }
}

/// The id of a Git object, of SHA-1 or SHA-256; nothing depends on its length.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectId(gix::ObjectId);

impl ObjectId {
    pub(crate) const fn new(id: gix::ObjectId) -> Self {
        Self(id)
    }

    pub(crate) fn oid(&self) -> &gix::oid {
        &self.0
    }

    pub(crate) fn kind(&self) -> gix::hash::Kind {
        self.0.kind()
    }

    /// The digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<ObjectId> for gix::ObjectId {
    fn from(id: ObjectId) -> Self {
        id.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        let id = gix::ObjectId::from_hex(text.as_bytes()).map_err(|_| ObjectIdError {
            text: text.chars().take(80).collect(),
        })?;
        Ok(Self(id))
    }
}
