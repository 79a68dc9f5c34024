//! The limits and duties of a repository. `docs/spec/profile.md` documents every key.

use std::fmt;
use std::str::FromStr;

use crate::cbor::{FieldError, Fields};
use crate::value::Value;

/// Whether something must hold, or is only recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Requirement {
    /// Without it the operation is refused
    Required,
    /// Without it the operation goes on, and says so
    Recorded,
}

/// When an append counts as done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// After it was synchronised to the disk
    Durable,
    /// After it was written; a power failure may lose it
    Relaxed,
}

macro_rules! word {
    ($name:ident { $($variant:ident = $word:literal),* }) => {
        impl $name {
            /// The word that a profile has for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                match text { $($word => Ok(Self::$variant),)* _ => Err(WordError) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A word that a profile does not have there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not one of the words that may stand there")]
pub struct WordError;

word! { Requirement { Required = "required", Recorded = "recorded" } }
word! { Durability { Durable = "durable", Relaxed = "relaxed" } }

/// Every setting of a repository; a profile without one of them, or with another, is refused. Only
/// [`checkpoint_every`](Self::checkpoint_every), which came later, may be left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Which profile this began as
    pub name: String,
    /// Most events between two checkpoints of a state, as far as batches allow; 0 for checkpoints on
    /// demand alone, which is also what a profile without the key means
    pub checkpoint_every: u64,
    /// Study files that Git does not have yet when an experiment runs
    pub clean_tree: Requirement,
    /// When an append counts as done
    pub durability: Durability,
    /// Most fuel that one event may cost in a fold, in units of the engine's schedule
    pub fold_fuel_per_event: u64,
    /// Most memory that a fold's values may take, in bytes by the engine's formula
    pub fold_memory_bytes: u64,
    /// The sandbox's assertions from inside the build
    pub isolation: Requirement,
    /// Largest input or output of a job that is kept in the ledger, in bytes of its NAR
    pub keep_bytes: u64,
    /// Largest payload of an event, in bytes
    pub max_event_bytes: u64,
}

impl Profile {
    /// The value that stands in a policy bundle.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let every = (self.checkpoint_every > 0)
            .then(|| ("checkpoint_every", Value::count(self.checkpoint_every)));
        let entries = [
            ("name", Value::text(&self.name)),
            ("clean_tree", Value::text(self.clean_tree.as_str())),
            ("durability", Value::text(self.durability.as_str())),
            (
                "fold_fuel_per_event",
                Value::count(self.fold_fuel_per_event),
            ),
            ("fold_memory_bytes", Value::count(self.fold_memory_bytes)),
            ("isolation", Value::text(self.isolation.as_str())),
            ("keep_bytes", Value::count(self.keep_bytes)),
            ("max_event_bytes", Value::count(self.max_event_bytes)),
        ];
        Value::map(entries.into_iter().chain(every))
    }

    /// Read the value back; also what reads a profile file.
    ///
    /// # Errors
    /// A key that is missing, unknown, or has a value that may not stand there.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("profile", value)?;
        let requirement = "`required` or `recorded`";
        let count = "an integer, zero or more";
        let checkpoint_every = match fields.optional("checkpoint_every") {
            None => 0,
            Some(Value::Integer(every)) => {
                u64::try_from(every).map_err(|_| fields.content("checkpoint_every", count))?
            }
            Some(_) => return Err(fields.content("checkpoint_every", count)),
        };
        let profile = Self {
            name: fields.text("name")?,
            checkpoint_every,
            clean_tree: fields.parsed("clean_tree", requirement)?,
            durability: fields.parsed("durability", "`durable` or `relaxed`")?,
            fold_fuel_per_event: fields.count("fold_fuel_per_event")?,
            fold_memory_bytes: fields.count("fold_memory_bytes")?,
            isolation: fields.parsed("isolation", requirement)?,
            keep_bytes: fields.count("keep_bytes")?,
            max_event_bytes: fields.count("max_event_bytes")?,
        };
        fields.finish()?;
        Ok(profile)
    }
}
