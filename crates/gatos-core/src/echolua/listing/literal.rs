//! Values as they are written in a source.

use crate::value::{Value, is_unsafe_to_show};

/// A value as an expression.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => boolean.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Decimal(fraction) => fraction.decimal().to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) if items.is_empty() => "list()".to_owned(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("{{ {} }}", items.join(", "))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, item)| {
                let item = self::value(item);
                if is_name(key) {
                    format!("{key} = {item}")
                } else {
                    format!("[{}] = {item}", quoted(key))
                }
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        // No expression gives one, so no constant holds one.
        Value::Bytes(_) | Value::Link(_) => String::new(),
    }
}

/// The text that can stand behind a point, where it is one.
pub(super) fn name(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) if is_name(text) => Some(text),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&text)
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_unsafe_to_show(c) || c.is_control() => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The words of Lua 5.4, which are no names.
const KEYWORDS: [&str; 22] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
];
