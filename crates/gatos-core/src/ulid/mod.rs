//! ULIDs: identifiers that sort by the time at which they were made. `docs/spec/refs.md#ulids`.

use std::fmt;
use std::str::FromStr;

/// Why a text is no ULID.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a ULID: 26 characters of Crockford's base32, the first no more than `7`")]
pub struct UlidError;

/// A ULID: 48 bits of milliseconds since 1970 and 80 bits that were random or derived.
///
/// The text is upper case in statements; reading accepts either case.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ulid(u128);

impl Ulid {
    /// The identifier of a time in milliseconds and 80 bits; what is above these widths is dropped.
    #[must_use]
    pub const fn from_parts(milliseconds: u64, bits: u128) -> Self {
        Self(ulid::Ulid::from_parts(milliseconds & ((1 << 48) - 1), bits & ((1 << 80) - 1)).0)
    }

    /// The time, in milliseconds since 1970.
    #[must_use]
    pub const fn milliseconds(&self) -> u64 {
        ulid::Ulid(self.0).timestamp_ms()
    }

    /// The identifier after this one; `None` after the last.
    #[must_use]
    pub fn next(&self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The text in lower case, as ref names have it.
    #[must_use]
    pub fn to_lower(&self) -> String {
        self.to_string().to_ascii_lowercase()
    }
}

impl FromStr for Ulid {
    type Err = UlidError;

    fn from_str(text: &str) -> Result<Self, UlidError> {
        let parsed = ulid::Ulid::from_string(text).map_err(|_| UlidError)?;
        // The library reads more than one text as the same identifier; we take its own only.
        if parsed.to_string().eq_ignore_ascii_case(text) {
            Ok(Self(parsed.0))
        } else {
            Err(UlidError)
        }
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ulid::Ulid(self.0), f)
    }
}

impl fmt::Debug for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of identifiers.

    use super::{Ulid, UlidError};

    #[test]
    fn one_identifier_has_one_text() {
        let ulid = Ulid::from_parts(0x0123_4567_89ab, 0xcdef_0123_4567_89ab_cdef);
        assert_eq!(ulid.to_string().parse(), Ok(ulid));
        assert_eq!(ulid.to_lower().parse(), Ok(ulid));
        assert_eq!(ulid.milliseconds(), 0x0123_4567_89ab);
        let last = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
        assert_eq!(last.parse::<Ulid>().map(|u| u.next()), Ok(None));
        for bad in [
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "",
            "0123",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "0!",
        ] {
            assert_eq!(bad.parse::<Ulid>(), Err(UlidError), "{bad}");
        }
    }
}
