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
    Long(Rc<[u8]>),
}

impl Text {
    /// The bytes, which are UTF-8.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => &bytes[..usize::from(*length)],
            Self::Long(text) => text,
        }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        // Made from a `str` only, so this never fails.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
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

impl Text {
    /// Become another text, in the same place if it is as short, or as long and not shared.
    #[inline]
    pub(crate) fn renew(&mut self, text: &str) {
        let from = text.as_bytes();
        match self {
            Self::Short { length, bytes } if from.len() <= SHORT => {
                *length = from.len() as u8;
                let (used, rest) = bytes.split_at_mut(from.len());
                used.copy_from_slice(from);
                rest.fill(0);
            }
            Self::Long(place) if place.len() == from.len() => match Rc::get_mut(place) {
                Some(bytes) => bytes.copy_from_slice(from),
                None => *self = text.into(),
            },
            _ => *self = text.into(),
        }
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        if text.len() > SHORT {
            return Self::Long(text.as_bytes().into());
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

/// The bytes of a short text as three words. The second overlaps the first, so that none lies across
/// the middle of a value, which was perhaps written in two halves just now.
#[inline(always)]
fn words(bytes: &[u8; SHORT]) -> [u64; 3] {
    let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, second @ .., _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, third @ ..] = bytes;
    [first, second, third].map(|word| u64::from_le_bytes(*word))
}

impl PartialEq for Text {
    #[inline(always)]
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
            ) => {
                let ([x, y, z], [u, v, w]) = (words(x), words(y));
                a == b && (x ^ u) | (y ^ v) | (z ^ w) == 0
            }
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
