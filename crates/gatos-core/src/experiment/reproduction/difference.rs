//! Where two outputs first differ, and what that looks like.

use crate::cbor::{FieldError, Fields};
use crate::value::Value;

/// The first difference between a recorded output and the one built now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Which output
    pub output: String,
    /// Path inside it; empty for the output itself
    pub path: String,
    /// What differs, in words: `content`, `missing`, `extra`, `type`, `executable`, or `digest` where the
    /// recorded bytes were not kept
    pub what: String,
    /// Offset of the first differing byte of the file, where content differs
    pub offset: Option<u64>,
    /// Number of the first differing line, from 1, where the file is text
    pub line: Option<u64>,
    /// What was recorded there: the line, a few bytes in hex, or a digest
    pub expected: String,
    /// What is there now
    pub actual: String,
    /// The likely cause
    pub cause: String,
    /// What to do about it
    pub hint: String,
}

impl Difference {
    pub(super) fn to_value(&self) -> Value {
        let number = |n: Option<u64>| n.map_or(Value::Null, Value::count);
        Value::map([
            ("output", Value::text(&self.output)),
            ("path", Value::text(&self.path)),
            ("what", Value::text(&self.what)),
            ("offset", number(self.offset)),
            ("line", number(self.line)),
            ("expected", Value::text(&self.expected)),
            ("actual", Value::text(&self.actual)),
            ("cause", Value::text(&self.cause)),
            ("hint", Value::text(&self.hint)),
        ])
    }

    pub(super) fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("difference", value)?;
        let difference = Self {
            output: fields.text("output")?,
            path: fields.text("path")?,
            what: fields.text("what")?,
            offset: number(&mut fields, "offset")?,
            line: number(&mut fields, "line")?,
            expected: fields.text("expected")?,
            actual: fields.text("actual")?,
            cause: fields.text("cause")?,
            hint: fields.text("hint")?,
        };
        fields.finish()?;
        Ok(difference)
    }
}

fn number(fields: &mut Fields, field: &'static str) -> Result<Option<u64>, FieldError> {
    match fields.value(field)? {
        Value::Null => Ok(None),
        Value::Integer(number) => u64::try_from(number)
            .map(Some)
            .map_err(|_| fields.content(field, "zero or more")),
        _ => Err(fields.content(field, "an integer or null")),
    }
}
