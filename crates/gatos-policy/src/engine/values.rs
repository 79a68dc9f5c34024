//! Between our values and the engine's. The engine has floats; nothing of ours becomes one.

use std::collections::BTreeMap;

use gatos_core::value::{Map, Value};
use regorus::Value as Theirs;

/// The value as rules see it: a link is its text, bytes and decimals are maps of one entry.
pub(crate) fn to_engine(value: &Value) -> Theirs {
    match value {
        Value::Null => Theirs::Null,
        Value::Bool(boolean) => Theirs::Bool(*boolean),
        Value::Integer(integer) => Theirs::from(*integer),
        Value::Decimal(fraction) => single("$dec", &fraction.decimal().to_string()),
        Value::Text(text) => Theirs::from(text.as_str()),
        Value::Bytes(bytes) => single("$bytes", &hexadecimal(bytes)),
        Value::List(items) => Theirs::from(items.iter().map(to_engine).collect::<Vec<_>>()),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (Theirs::from(key), to_engine(value)));
            Theirs::from(entries.collect::<BTreeMap<_, _>>())
        }
        Value::Link(cid) => Theirs::from(cid.to_string()),
    }
}

/// The value that a rule made; `None` if we have none such.
pub(crate) fn from_engine(value: &Theirs) -> Option<Value> {
    match value {
        Theirs::Null => Some(Value::Null),
        Theirs::Bool(boolean) => Some(Value::Bool(*boolean)),
        Theirs::Number(number) if number.is_integer() => number.as_i64().map(Value::Integer),
        Theirs::Number(_) | Theirs::Undefined => None,
        Theirs::String(text) => Some(Value::text(text.as_ref())),
        Theirs::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(from_engine).collect();
            items.map(Value::List)
        }
        Theirs::Set(items) => {
            let items: Option<Vec<_>> = items.iter().map(from_engine).collect();
            items.map(Value::List)
        }
        Theirs::Object(entries) => {
            let mut map = Map::default();
            for (key, value) in entries.iter() {
                let key = key.as_string().ok()?;
                map.insert(key.as_ref(), from_engine(value)?);
            }
            Some(Value::Map(map))
        }
    }
}

fn single(key: &str, text: &str) -> Theirs {
    Theirs::from(BTreeMap::from([(Theirs::from(key), Theirs::from(text))]))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
    digits.collect()
}
