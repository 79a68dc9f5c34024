//! JSON text to value: numbers exact, keys distinct and not reserved.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::cbor::MAX_DEPTH;
use crate::decimal::{Decimal, DecimalError};
use crate::value::{Excerpt, Map, RESERVED_KEY_PREFIX, Value, key_order};

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
    #[error("the key `{}` is there twice", Excerpt(.key))]
    DuplicateKey {
        /// The key
        key: String,
    },
    /// A key that belongs to the format
    #[error("the key `{}` begins with `$`, which is reserved", Excerpt(.key))]
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
/// Numbers are taken exactly as they are written. An object stays a map whatever its keys are: the
/// forms in which [`to_string`](super::to_string) shows bytes and links are not read back as such.
///
/// # Errors
/// Text that is not JSON, a number that does not fit exactly, a key twice or reserved.
pub fn from_str(text: &str) -> Result<Value, JsonError> {
    let raw: &RawValue = parse(text)?;
    read(raw.get(), MAX_DEPTH)
}

/// The value of `text`, in which arrays and objects may nest `levels` deep.
fn read(text: &str, levels: usize) -> Result<Value, JsonError> {
    let inner = || levels.checked_sub(1).ok_or(JsonErrorKind::Depth.here());
    match text.as_bytes().first() {
        Some(b'[') => read_list(text, inner()?),
        Some(b'{') => read_map(text, inner()?),
        Some(b'"') => Ok(Value::Text(parse(text)?)),
        Some(b't' | b'f') => Ok(Value::Bool(parse(text)?)),
        Some(b'n') => Ok(Value::Null),
        _ => match Decimal::parse_lenient(text).map(Value::number) {
            // A decimal is written as a map, which counts.
            Ok(number @ Value::Decimal(_)) => inner().map(|_| number),
            Ok(number) => Ok(number),
            Err(cause) => {
                let text = Excerpt(text).to_string();
                Err(JsonErrorKind::Number { text, cause }.here())
            }
        },
    }
}

fn read_list(text: &str, levels: usize) -> Result<Value, JsonError> {
    let items: Vec<&RawValue> = parse(text)?;
    let items = items.into_iter().enumerate().map(|(index, item)| {
        read(item.get(), levels).map_err(|error| error.within(&format!("[{index}]")))
    });
    Ok(Value::List(items.collect::<Result<_, _>>()?))
}

fn read_map(text: &str, levels: usize) -> Result<Value, JsonError> {
    let Entries(mut entries) = parse(text)?;
    entries.sort_by(|(a, _), (b, _)| key_order(a, b));
    let mut map = Map::new();
    for (key, item) in entries {
        let fail = |kind: JsonErrorKind| Err(kind.here().within(&Excerpt(&key).to_string()));
        if key.starts_with(RESERVED_KEY_PREFIX) {
            return fail(JsonErrorKind::ReservedKey { key: key.clone() });
        }
        if !map.is_after_last(&key) {
            return fail(JsonErrorKind::DuplicateKey { key: key.clone() });
        }
        let value =
            read(item.get(), levels).map_err(|error| error.within(&Excerpt(&key).to_string()))?;
        map.push_last(key, value);
    }
    Ok(Value::Map(map))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        JsonErrorKind::Syntax { message }.here()
    })
}

impl JsonErrorKind {
    /// The error at the place at hand.
    const fn here(self) -> JsonError {
        JsonError {
            path: String::new(),
            kind: self,
        }
    }
}

impl JsonError {
    /// The error seen from the array or object around it.
    fn within(mut self, step: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{joint}{}", self.path);
        self
    }
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
