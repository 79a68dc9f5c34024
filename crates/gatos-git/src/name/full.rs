//! Names of any ref: what Git takes, as text, of a length that files can have.

use std::fmt;
use std::str::FromStr;

use super::NameError;

/// Longest name of any ref, in bytes.
pub const MAX_FULL_BYTES: usize = 1024;

/// The full name of a ref, as Git accepts it: `refs/heads/main`, `refs/gatos/journal/data`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FullName(String);

impl FullName {
    /// The name, beginning with `refs/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FullName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let shown = || text.chars().take(200).collect::<String>();
        if text.len() > MAX_FULL_BYTES {
            return Err(NameError::TooLong {
                name: text.chars().take(40).collect(),
                bytes: text.len(),
                max: MAX_FULL_BYTES,
            });
        }
        let fail = |reason| {
            Err(NameError::Level {
                name: shown(),
                level: shown(),
                reason,
            })
        };
        if !text.starts_with("refs/") {
            return fail("it does not begin with `refs/`");
        }
        if gix::validate::reference::name(text.into()).is_err() {
            return fail("Git does not accept it");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&super::RefName> for FullName {
    fn from(name: &super::RefName) -> Self {
        Self(name.as_str().to_owned())
    }
}
