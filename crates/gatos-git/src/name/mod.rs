//! Names that are checked before Git sees them: refs under `refs/gatos/`, and entries of trees.

mod error;
mod full;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use self::error::NameError;
pub use self::full::{FullName, MAX_FULL_BYTES};

/// Every ref of GATOS lies below this.
pub const NAMESPACE: &str = "refs/gatos/";
/// Longest ref name, in bytes.
pub const MAX_NAME_BYTES: usize = 200;
/// Longest level of a ref name, in bytes.
pub const MAX_LEVEL_BYTES: usize = 64;
/// Longest name of a tree's entry, in bytes: what file systems allow.
pub const MAX_ENTRY_BYTES: usize = 255;

/// The name of a ref under `refs/gatos/`, in lower case.
///
/// Each level is `[a-z0-9][a-z0-9._-]{0,63}` without `..`, and ends neither in `.` nor in `.lock`:
/// a subset of what Git accepts that needs no quoting anywhere and is the same name on a file
/// system that ignores case. Upper case is folded when a name is parsed.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RefName(String);

impl RefName {
    /// The name, beginning with `refs/gatos/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name one level below this one.
    ///
    /// # Errors
    /// [`NameError`] if `level` is no level or the name grows too long.
    pub fn join(&self, level: &str) -> Result<Self, NameError> {
        format!("{}/{level}", self.0).parse()
    }

    /// The levels below `refs/gatos/`.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        self.0[NAMESPACE.len()..].split('/')
    }

    /// Every proper prefix of the name that would itself be a ref name.
    pub(crate) fn ancestors(&self) -> impl Iterator<Item = &str> {
        self.0
            .match_indices('/')
            .map(|(at, _)| &self.0[..at])
            .filter(|prefix| prefix.len() > NAMESPACE.len())
    }
}

impl FromStr for RefName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_NAME_BYTES {
            return Err(NameError::TooLong {
                name: text.chars().take(40).collect(),
                bytes: text.len(),
                max: MAX_NAME_BYTES,
            });
        }
        let name = text.to_ascii_lowercase();
        let Some(levels) = name.strip_prefix(NAMESPACE) else {
            return Err(NameError::Namespace {
                name: text.to_owned(),
            });
        };
        for level in levels.split('/') {
            check_level(text, level)?;
        }
        Ok(Self(name))
    }
}

impl TryFrom<&str> for RefName {
    type Error = NameError;

    fn try_from(text: &str) -> Result<Self, NameError> {
        text.parse()
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of an entry in a tree that GATOS writes: `[A-Za-z0-9][A-Za-z0-9+._?=-]{0,254}`.
///
/// The names of inputs and outputs are such, and so are those of everything in a Nix store.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntryName(String);

impl EntryName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EntryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+._?=-".contains(c);
        if text.len() > MAX_ENTRY_BYTES {
            return Err(NameError::TooLong {
                name: text.chars().take(40).collect(),
                bytes: text.len(),
                max: MAX_ENTRY_BYTES,
            });
        }
        if let Some(found) = text.chars().find(|&c| !is_allowed(c)) {
            return Err(NameError::Character {
                name: text.to_owned(),
                found,
            });
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NameError::Level {
                name: text.to_owned(),
                level: text.to_owned(),
                reason: "it does not begin with a letter or a digit",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<&str> for EntryName {
    type Error = NameError;

    fn try_from(text: &str) -> Result<Self, NameError> {
        text.parse()
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `level`, a part of `name`, is one level.
fn check_level(name: &str, level: &str) -> Result<(), NameError> {
    let fail = |reason| {
        Err(NameError::Level {
            name: name.chars().take(MAX_NAME_BYTES).collect(),
            level: level.chars().take(MAX_LEVEL_BYTES).collect(),
            reason,
        })
    };
    if level.is_empty() {
        return fail("it is empty");
    }
    if level.len() > MAX_LEVEL_BYTES {
        return fail("it is longer than 64 bytes");
    }
    if let Some(found) = level.chars().find(|&c| !is_level_char(c)) {
        return Err(NameError::Character {
            name: name.chars().take(MAX_NAME_BYTES).collect(),
            found,
        });
    }
    if !level.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return fail("it does not begin with a letter or a digit");
    }
    if level.contains("..") {
        return fail("it contains `..`");
    }
    if level.ends_with('.') {
        return fail("it ends with `.`");
    }
    if level.ends_with(".lock") {
        return fail("it ends with `.lock`");
    }
    Ok(())
}

const fn is_level_char(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-')
}
