//! Immutable UTF-8 text: short ones are held in place, long ones are shared.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// Most bytes that are held in place.
const SHORT: usize = 22;

/// A text. Equal texts have one form, so that equality is equality of the forms.
#[derive(Clone)]
pub(crate) enum Text {
    /// At most [`SHORT`] bytes; the unused ones are zero
    Short { length: u8, bytes: [u8; SHORT] },
    /// More bytes
    Long(Rc<str>),
}

impl Text {
    /// The bytes, which are UTF-8.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => &bytes[..usize::from(*length)],
            Self::Long(text) => text.as_bytes(),
        }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            // Made from a `str` only, so this never fails.
            Self::Short { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }

    /// Length in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short { length, .. } => usize::from(*length),
            Self::Long(text) => text.len(),
        }
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        if text.len() > SHORT {
            return Self::Long(text.into());
        }
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Self::Short {
            length: text.len() as u8,
            bytes,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Short {
                    length: a,
                    bytes: x,
                },
                Self::Short {
                    length: b,
                    bytes: y,
                },
            ) => a == b && x == y,
            (Self::Long(a), Self::Long(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Text {}

impl Ord for Text {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
