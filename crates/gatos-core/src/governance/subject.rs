//! What is proposed, approved and granted, and how often it may be done.
//!
//= spec/governance.md#subject

use std::fmt;

use crate::cbor::{FieldError, Fields};
use crate::cid::Cid;
use crate::id::PolicyRoot;
use crate::value::Value;

/// The exact content that people agree on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// Putting this policy bundle in force
    Policy(PolicyRoot),
    /// Moving a ref from one object to another; object ids in hex, none where there is no ref
    Update {
        /// Full name of the ref
        reference: String,
        /// Where it is
        old: Option<String>,
        /// Where it is to be
        new: String,
    },
    /// A commit, whichever ref it comes to; its object id in hex
    Commit(String),
    /// Anything that a content id names
    Content(Cid),
}

impl Subject {
    /// The value that stands in a statement.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Policy(root) => {
                Value::map([("kind", Value::text("policy")), ("root", (*root).into())])
            }
            Self::Update {
                reference,
                old,
                new,
            } => Value::map([
                ("kind", Value::text("update")),
                ("ref", Value::text(reference)),
                ("old", old.as_ref().map_or(Value::Null, Value::text)),
                ("new", Value::text(new)),
            ]),
            Self::Commit(id) => {
                Value::map([("kind", Value::text("commit")), ("id", Value::text(id))])
            }
            Self::Content(cid) => {
                Value::map([("kind", Value::text("content")), ("cid", Value::Link(*cid))])
            }
        }
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A kind that there is not, or fields that are missing, unknown or ill-formed.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("subject", value)?;
        let kind = fields.text("kind")?;
        let subject = match kind.as_str() {
            "policy" => Self::Policy(fields.link("root")?.into()),
            "update" => Self::update(&mut fields)?,
            "commit" => Self::Commit(object_id(&mut fields, "id")?),
            "content" => Self::Content(fields.link("cid")?),
            _ => return Err(fields.content("kind", "policy, update, commit or content")),
        };
        fields.finish()?;
        Ok(subject)
    }

    fn update(fields: &mut Fields) -> Result<Self, FieldError> {
        let reference = fields.text("ref")?;
        let plain = |c: char| c.is_ascii_graphic();
        if !reference.starts_with("refs/") || !reference.chars().all(plain) {
            return Err(fields.content("ref", "the full name of a ref"));
        }
        let old = match fields.value("old")? {
            Value::Null => None,
            Value::Text(text) => Some(checked(text, fields, "old")?),
            _ => return Err(fields.content("old", "an object id in hex, or null")),
        };
        Ok(Self::Update {
            reference,
            old,
            new: object_id(fields, "new")?,
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(root) => write!(f, "policy {root}"),
            Self::Update {
                reference,
                old,
                new,
            } => {
                let old = old.as_deref().unwrap_or("nothing");
                write!(f, "{reference} from {old} to {new}")
            }
            Self::Commit(id) => write!(f, "commit {id}"),
            Self::Content(cid) => write!(f, "content {cid}"),
        }
    }
}

fn object_id(fields: &mut Fields, field: &'static str) -> Result<String, FieldError> {
    let text = fields.text(field)?;
    checked(text, fields, field)
}

/// 40 or 64 hexadecimal digits in lower case, not all zero: Git writes nothing as zeros.
fn checked(text: String, fields: &Fields, field: &'static str) -> Result<String, FieldError> {
    let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if digits && matches!(text.len(), 40 | 64) && text.bytes().any(|b| b != b'0') {
        Ok(text)
    } else {
        Err(fields.content(field, "an object id in hex"))
    }
}

/// How often a grant may be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Use {
    /// Once
    Single,
    /// Until a time, in milliseconds since 1970
    Until(i64),
}

impl Use {
    /// The value that stands in a statement.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Single => Value::text("single"),
            Self::Until(ms) => Value::Integer(ms),
        }
    }

    /// Take it from the field `use`.
    ///
    /// # Errors
    /// A missing field, or one that is neither.
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        match fields.value("use")? {
            Value::Text(text) if text == "single" => Ok(Self::Single),
            Value::Integer(ms) if ms >= 0 => Ok(Self::Until(ms)),
            _ => Err(fields.content("use", "`single` or milliseconds since 1970")),
        }
    }
}
