//! Why a text is not a name.

/// Why a text is not a name of ours.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all
    #[error("a name cannot be empty")]
    Empty,
    /// Two slashes in a row, or one at an end
    #[error("a name cannot begin or end with `/`, nor hold two in a row")]
    EmptyLevel,
    /// Too long
    #[error("{found} bytes are more than the {max} that a name or one of its levels may have")]
    Length {
        /// Length found
        found: usize,
        /// The limit
        max: usize,
    },
    /// A character that may not stand there
    #[error(
        "{found:?} cannot stand there: a name is lower-case letters, digits, `.`, `_` and `-`, \
         each level begins with a letter or digit, and levels are joined by `/`"
    )]
    Character {
        /// The character
        found: char,
    },
    /// A character that may not stand in the name of an input, output or experiment
    #[error(
        "{found:?} cannot stand there: letters, digits, `.`, `_`, `+`, `-`, a letter or digit first"
    )]
    ItemCharacter {
        /// The character
        found: char,
    },
    /// Dots that Git would refuse
    #[error("a name cannot hold `..`, nor a level end with `.`")]
    Dots,
    /// The suffix that Git keeps for its locks
    #[error("a level of a name cannot end with `.lock`")]
    Lock,
}
