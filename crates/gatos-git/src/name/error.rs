//! Why a text is no name.

/// Why a text is neither a ref name of GATOS nor the name of a tree's entry.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameError {
    /// It does not begin with `refs/gatos/`
    #[error(
        "`{}` is no name of a GATOS ref: it does not begin with `refs/gatos/`",
        .name.escape_default()
    )]
    Namespace {
        /// The text
        name: String,
    },
    /// It is too long
    #[error(
        "the name beginning with `{}` has {bytes} bytes, more than the {max} allowed",
        .name.escape_default()
    )]
    TooLong {
        /// Its beginning
        name: String,
        /// Its length in bytes
        bytes: usize,
        /// The limit in bytes
        max: usize,
    },
    /// It contains a character that names never have
    #[error(
        "`{}` contains `{}`; names consist of letters, digits, `.`, `_` and `-`",
        .name.escape_default(), .found.escape_default()
    )]
    Character {
        /// The text
        name: String,
        /// The character
        found: char,
    },
    /// One of its levels is not allowed
    #[error(
        "the part `{}` of the name `{}` is not allowed: {reason}",
        .level.escape_default(), .name.escape_default()
    )]
    Level {
        /// The text
        name: String,
        /// The part between slashes
        level: String,
        /// What is wrong with it
        reason: &'static str,
    },
}
