//! One source text of a policy.

/// One source text: its name, which messages show, and the text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Module {
    /// The file's name, relative to the folder of the policy
    pub name: String,
    /// Its content
    pub text: String,
}

impl Module {
    /// A module.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}
