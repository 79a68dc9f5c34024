//! The engine: `regorus`, with the functions of the profile and none other. Only this folder knows how
//! it is called. `docs/decisions/0024-rego-by-regorus.md`.

mod builtins;
mod machine;
#[cfg(test)]
mod opa;
mod sprintf;
mod values;

pub(crate) use self::machine::{Failure, Machine, Source};
pub(crate) use self::sprintf::sprintf;
pub(crate) use self::values::{from_engine, to_engine};

/// The functions of `data.gatos`, with how many arguments they take.
pub(crate) const LIBRARY_FUNCTIONS: &[(&str, usize)] = &[
    ("approvers", 1),
    ("fact", 1),
    ("missing", 1),
    ("missing_without", 2),
];
/// The module that has them.
pub(crate) const LIBRARY: &str = include_str!("library.rego");
/// The name of that module in messages.
pub(crate) const LIBRARY_NAME: &str = "gatos/library.rego";

/// What one decision may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Most instructions of the engine
    pub instructions: u32,
}

impl Limits {
    /// What is in force where nothing else is said.
    pub const DEFAULT: Self = Self {
        instructions: 200_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Line, column and message of an error of the engine's parser and compiler.
///
/// It has them in one text: a line `--> file:line:column`, the source with a caret, and at last
/// `error: message`.
pub(crate) fn located(error: &str) -> (u32, u32, String) {
    let place = error
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("--> "));
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|text| text.trim().parse().ok());
    let line = parts.next().and_then(|text| text.trim().parse().ok());
    let message = error.lines().find_map(|line| line.strip_prefix("error: "));
    let first = error.lines().find(|line| !line.trim().is_empty());
    let message = message.or(first).unwrap_or("this is not Rego");
    (line.unwrap_or(1), column.unwrap_or(1), message.to_owned())
}
