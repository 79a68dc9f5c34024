//! JSON, the projection for people: read exactly, written deterministically, never hashed.
//! `docs/spec/encoding.md#json`.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::read::{JsonError, JsonErrorKind, from_str};
pub use self::write::{to_string, to_string_pretty};
