//! JSON text to value: numbers exact, keys distinct and not reserved.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::cbor::MAX_DEPTH;
use crate::decimal::{Decimal, DecimalError};
use crate::value::{Map, RESERVED_KEY_PREFIX, Value};

/// Why JSON text is not a value of ours, and where in it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}{kind}", place(.path))]
pub struct JsonError {
    /// The field, such as `samples[3].mass`; empty for the whole text
    pub path: String,
    /// What is wrong there
    pub kind: JsonErrorKind,
}

/// What is wrong with JSON text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JsonErrorKind {
    /// The text is not JSON
    #[error("not JSON: {message}")]
    Syntax {
        /// The parser's words
        message: String,
    },
    /// A number that no value of ours is exactly
    #[error("the number {text} does not fit: {cause}")]
    Number {
        /// The number as written
        text: String,
        /// Why
        cause: DecimalError,
    },
    /// An object with the same key twice
    #[error("the key `{key}` is there twice")]
    DuplicateKey {
        /// The key
        key: String,
    },
    /// A key that belongs to the format
    #[error("the key `{key}` begins with `$`, which is reserved")]
    ReservedKey {
        /// The key
        key: String,
    },
    /// Arrays and objects nested too deeply
    #[error("nesting is deeper than {MAX_DEPTH}")]
    Depth,
}

fn place(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("`{path}`: ")
    }
}

/// The value that JSON text stands for.
///
/// # Errors
/// Text that is not JSON, a number that does not fit exactly, a key twice or reserved.
pub fn from_str(text: &str) -> Result<Value, JsonError> {
    let raw: &RawValue = parse(text, "")?;
    read(raw.get(), "", 0)
}

fn read(text: &str, path: &str, depth: usize) -> Result<Value, JsonError> {
    let fail = |kind| {
        Err(JsonError {
            path: path.to_owned(),
            kind,
        })
    };
    match text.as_bytes().first() {
        Some(b'[' | b'{') if depth >= MAX_DEPTH => fail(JsonErrorKind::Depth),
        Some(b'[') => read_list(text, path, depth),
        Some(b'{') => read_map(text, path, depth),
        Some(b'"') => Ok(Value::Text(parse(text, path)?)),
        Some(b't' | b'f') => Ok(Value::Bool(parse(text, path)?)),
        Some(b'n') => Ok(Value::Null),
        _ => match Decimal::parse_lenient(text) {
            Ok(number) => Ok(Value::number(number)),
            Err(cause) => fail(JsonErrorKind::Number {
                text: shortened(text),
                cause,
            }),
        },
    }
}

fn read_list(text: &str, path: &str, depth: usize) -> Result<Value, JsonError> {
    let items: Vec<&RawValue> = parse(text, path)?;
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| read(item.get(), &format!("{path}[{index}]"), depth + 1));
    Ok(Value::List(items.collect::<Result<_, _>>()?))
}

fn read_map(text: &str, path: &str, depth: usize) -> Result<Value, JsonError> {
    let Entries(entries) = parse(text, path)?;
    let mut map = Map::new();
    for (key, item) in entries {
        let inner = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let fail = |kind| {
            Err(JsonError {
                path: inner.clone(),
                kind,
            })
        };
        if key.starts_with(RESERVED_KEY_PREFIX) {
            return fail(JsonErrorKind::ReservedKey { key });
        }
        let value = read(item.get(), &inner, depth + 1)?;
        if map.insert(key.clone(), value).is_some() {
            return fail(JsonErrorKind::DuplicateKey { key });
        }
    }
    Ok(Value::Map(map))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str, path: &str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|error| JsonError {
        path: path.to_owned(),
        kind: JsonErrorKind::Syntax {
            message: error.to_string(),
        },
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// An object's entries as they stand in the text, the same key as often as it is there.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor).map(Entries)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}
