//! Where a statement stands: its ref, its number there, and what it follows.

use crate::cbor::{FieldError, Fields};
use crate::id::StatementId;
use crate::value::Value;

/// The place of a statement in the chain that a ref is: signed with it, so that it cannot be replayed
/// into another ref or an older position.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Position {
    /// Full name of the ref
    pub reference: String,
    /// Number of statements before it there
    pub seq: u64,
    /// The statement before it; none for the first
    pub prev: Option<StatementId>,
}

impl Position {
    /// The first position of a ref.
    #[must_use]
    pub const fn first(reference: String) -> Self {
        Self {
            reference,
            seq: 0,
            prev: None,
        }
    }

    /// The position after a statement in the same ref.
    #[must_use]
    pub fn after(&self, id: StatementId) -> Self {
        Self {
            reference: self.reference.clone(),
            seq: self.seq.saturating_add(1),
            prev: Some(id),
        }
    }

    /// Whether this is the position after `prev`, a statement and its position; `None` means the first.
    #[must_use]
    pub fn follows(&self, prev: Option<(&Self, StatementId)>) -> bool {
        match prev {
            None => self.seq == 0 && self.prev.is_none(),
            Some((position, id)) => *self == position.after(id),
        }
    }

    /// The three fields of a statement.
    #[must_use]
    pub fn to_entries(&self) -> [(&'static str, Value); 3] {
        [
            ("ref", Value::text(&self.reference)),
            ("seq", Value::count(self.seq)),
            ("prev", self.prev.map_or(Value::Null, Value::from)),
        ]
    }

    /// Take the three fields.
    ///
    /// # Errors
    /// A field that is missing or of another kind, or a first statement with a predecessor.
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let reference = fields.text("ref")?;
        let seq = fields.count("seq")?;
        let prev = fields.nullable_link("prev")?.map(StatementId::from);
        if (seq == 0) != prev.is_none() {
            return Err(fields.content("prev", "null at position 0 and a link elsewhere"));
        }
        Ok(Self {
            reference,
            seq,
            prev,
        })
    }
}
