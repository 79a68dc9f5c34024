//! Taking a statement's fields out of a map, so that none is missed and none is unknown.

use crate::cid::Cid;
use crate::value::{Excerpt, Map, Value};

/// Why a map is not the statement that it should be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// The value is no map
    #[error("`{what}` is of kind {found}, not a map")]
    NotAMap {
        /// Which statement or field
        what: &'static str,
        /// The kind found
        found: &'static str,
    },
    /// A field is not there
    #[error("`{what}` lacks the field `{field}`")]
    Missing {
        /// Which statement
        what: &'static str,
        /// Which field
        field: &'static str,
    },
    /// A field of another kind
    #[error("field `{field}` of `{what}` is of kind {found}, not {want}")]
    Kind {
        /// Which statement
        what: &'static str,
        /// Which field
        field: &'static str,
        /// The kind found
        found: &'static str,
        /// What is wanted
        want: &'static str,
    },
    /// A field whose content is refused
    #[error("field `{field}` of `{what}` is not {want}")]
    Content {
        /// Which statement
        what: &'static str,
        /// Which field
        field: &'static str,
        /// What is wanted
        want: &'static str,
    },
    /// A field that the format does not have
    #[error("`{what}` has the unknown field `{}`", Excerpt(.field))]
    Unknown {
        /// Which statement
        what: &'static str,
        /// Which field
        field: String,
    },
}

/// The fields of one statement, taken out one by one; [`finish`](Fields::finish) refuses what is left.
#[derive(Debug)]
pub struct Fields {
    what: &'static str,
    map: Map,
}

impl Fields {
    /// The fields of `value`, which is called `what` in errors.
    ///
    /// # Errors
    /// A value that is no map.
    pub fn of(what: &'static str, value: Value) -> Result<Self, FieldError> {
        match value {
            Value::Map(map) => Ok(Self { what, map }),
            other => Err(FieldError::NotAMap {
                what,
                found: other.kind(),
            }),
        }
    }

    /// Take a field of any kind, if it is there.
    pub fn optional(&mut self, field: &'static str) -> Option<Value> {
        self.map.remove(field)
    }

    /// Take a field of any kind.
    ///
    /// # Errors
    /// A missing field.
    pub fn value(&mut self, field: &'static str) -> Result<Value, FieldError> {
        self.optional(field).ok_or(FieldError::Missing {
            what: self.what,
            field,
        })
    }

    /// Take a text.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn text(&mut self, field: &'static str) -> Result<String, FieldError> {
        match self.value(field)? {
            Value::Text(text) => Ok(text),
            other => Err(self.kind(field, &other, "text")),
        }
    }

    /// Take an integer.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn integer(&mut self, field: &'static str) -> Result<i64, FieldError> {
        match self.value(field)? {
            Value::Integer(integer) => Ok(integer),
            other => Err(self.kind(field, &other, "an integer")),
        }
    }

    /// Take an integer that counts or measures something.
    ///
    /// # Errors
    /// A missing field, one of another kind, or a negative number.
    pub fn count(&mut self, field: &'static str) -> Result<u64, FieldError> {
        let integer = self.integer(field)?;
        u64::try_from(integer).map_err(|_| self.content(field, "zero or more"))
    }

    /// Take a boolean.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn boolean(&mut self, field: &'static str) -> Result<bool, FieldError> {
        match self.value(field)? {
            Value::Bool(boolean) => Ok(boolean),
            other => Err(self.kind(field, &other, "a boolean")),
        }
    }

    /// Take a byte string.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn bytes(&mut self, field: &'static str) -> Result<Vec<u8>, FieldError> {
        match self.value(field)? {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(self.kind(field, &other, "bytes")),
        }
    }

    /// Take a byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// A missing field, one of another kind or of another length.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], FieldError> {
        self.bytes(field)?
            .try_into()
            .map_err(|_| self.content(field, "bytes of the right length"))
    }

    /// Take a link.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn link(&mut self, field: &'static str) -> Result<Cid, FieldError> {
        match self.value(field)? {
            Value::Link(cid) => Ok(cid),
            other => Err(self.kind(field, &other, "a link")),
        }
    }

    /// Take a link or null.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn nullable_link(&mut self, field: &'static str) -> Result<Option<Cid>, FieldError> {
        match self.value(field)? {
            Value::Null => Ok(None),
            Value::Link(cid) => Ok(Some(cid)),
            other => Err(self.kind(field, &other, "a link or null")),
        }
    }

    /// Take a list.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn list(&mut self, field: &'static str) -> Result<Vec<Value>, FieldError> {
        match self.value(field)? {
            Value::List(items) => Ok(items),
            other => Err(self.kind(field, &other, "a list")),
        }
    }

    /// Take a map.
    ///
    /// # Errors
    /// A missing field or one of another kind.
    pub fn map(&mut self, field: &'static str) -> Result<Map, FieldError> {
        match self.value(field)? {
            Value::Map(map) => Ok(map),
            other => Err(self.kind(field, &other, "a map")),
        }
    }

    /// Take a text that parses as something of ours; `want` says what.
    ///
    /// # Errors
    /// A missing field, one of another kind, or a text that does not parse.
    pub fn parsed<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        want: &'static str,
    ) -> Result<T, FieldError> {
        self.text(field)?
            .parse()
            .map_err(|_| self.content(field, want))
    }

    /// The error of a field whose content is refused.
    #[must_use]
    pub const fn content(&self, field: &'static str, want: &'static str) -> FieldError {
        FieldError::Content {
            what: self.what,
            field,
            want,
        }
    }

    /// End: no field may be left.
    ///
    /// # Errors
    /// A field that nobody took.
    pub fn finish(self) -> Result<(), FieldError> {
        match self.map.iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(FieldError::Unknown {
                what: self.what,
                field: field.to_owned(),
            }),
        }
    }

    const fn kind(&self, field: &'static str, found: &Value, want: &'static str) -> FieldError {
        FieldError::Kind {
            what: self.what,
            field,
            found: found.kind(),
            want,
        }
    }
}
