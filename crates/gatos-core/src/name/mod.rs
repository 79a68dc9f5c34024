//! Names that people type: journals, states, actors. They are parsed once, here.
//! `docs/spec/refs.md#names`.

mod error;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use self::error::NameError;

/// Longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 120;
/// Longest level of a name, in bytes.
pub const MAX_LEVEL_BYTES: usize = 64;

/// Check that `text` is levels of `[a-z0-9][a-z0-9._-]*` joined by `/`, and Git would take it in a ref.
fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > MAX_NAME_BYTES {
        return Err(NameError::Length {
            found: text.len(),
            max: MAX_NAME_BYTES,
        });
    }
    text.split('/').try_for_each(check_level)
}

fn check_level(level: &str) -> Result<(), NameError> {
    if level.len() > MAX_LEVEL_BYTES {
        return Err(NameError::Length {
            found: level.len(),
            max: MAX_LEVEL_BYTES,
        });
    }
    let Some(first) = level.chars().next() else {
        return Err(NameError::EmptyLevel);
    };
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !allowed(first) {
        return Err(NameError::Character { found: first });
    }
    if let Some(found) = level
        .chars()
        .find(|&c| !allowed(c) && !matches!(c, '.' | '_' | '-'))
    {
        return Err(NameError::Character { found });
    }
    if level.contains("..") || level.ends_with('.') {
        return Err(NameError::Dots);
    }
    if level.to_ascii_lowercase().ends_with(".lock") {
        return Err(NameError::Lock);
    }
    Ok(())
}

/// Check that `text` is a plain file name of ASCII letters, digits and `.`, `_`, `+`, `-`.
fn check_item(text: &str) -> Result<(), NameError> {
    let Some(first) = text.chars().next() else {
        return Err(NameError::Empty);
    };
    if text.len() > MAX_NAME_BYTES {
        return Err(NameError::Length {
            found: text.len(),
            max: MAX_NAME_BYTES,
        });
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameError::ItemCharacter { found: first });
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    match text.chars().find(|&c| !allowed(c)) {
        Some(found) => Err(NameError::ItemCharacter { found }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}

name! {
    /// The name of a journal: what follows `refs/gatos/journal/`.
    JournalName, check
}
name! {
    /// The name of a folded state: what follows `refs/gatos/state/`.
    StateName, check
}
name! {
    /// The name of a person or service that signs.
    ActorName, check
}
name! {
    /// The name of a group of actors.
    GroupName, check
}
name! {
    /// The name of an experiment, a job, or one of its inputs and outputs: a plain file name.
    ItemName, check_item
}
