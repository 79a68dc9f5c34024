//! `sprintf`, with the verbs of the profile.
//!
//! The engine's own writes two signs before a negative number, drops a text for `%d`, and shows an empty
//! set as an empty object; Rego does none of it.

use std::fmt::Write as _;

use regorus::Value;

/// The text that `sprintf(format, values)` gives; `None` if the arguments are not what it takes.
pub(crate) fn sprintf(arguments: &[Value]) -> Option<String> {
    let [Value::String(format), Value::Array(values)] = arguments else {
        return None;
    };
    let (mut text, mut values) = (String::new(), values.iter());
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let verb = chars.next()?;
        if verb == '%' {
            text.push('%');
            continue;
        }
        let value = values.next()?;
        // What a value of another kind becomes is what Rego's formatter, which is Go's, makes of it.
        match (verb, value) {
            ('s', Value::Number(number)) if number.as_i64().is_some() => {
                let _ = write!(text, "%!s(int={})", number.format_decimal());
            }
            ('d', Value::Number(_)) | ('s' | 'v', _) => show(value, false, &mut text),
            ('d', _) => {
                text.push_str("%!d(string=");
                show(value, false, &mut text);
                text.push(')');
            }
            _ => return None,
        }
    }
    values.next().is_none().then_some(text)
}

/// Write a value as Rego does, a text in quotes if it is `quoted`.
fn show(value: &Value, quoted: bool, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(boolean) => text.push_str(if *boolean { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.format_decimal()),
        Value::String(content) if quoted => quote(content, text),
        Value::String(content) => text.push_str(content),
        Value::Array(items) => list(items.iter(), ('[', ']'), text),
        Value::Set(items) if items.is_empty() => text.push_str("set()"),
        Value::Set(items) => list(items.iter(), ('{', '}'), text),
        Value::Object(entries) => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                show(key, true, text);
                text.push_str(": ");
                show(value, true, text);
            }
            text.push('}');
        }
        Value::Undefined => {}
    }
}

fn list<'a>(items: impl Iterator<Item = &'a Value>, ends: (char, char), text: &mut String) {
    text.push(ends.0);
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        show(item, true, text);
    }
    text.push(ends.1);
}

fn quote(content: &str, text: &mut String) {
    text.push('"');
    for c in content.chars() {
        let _ = match c {
            '"' | '\\' => write!(text, "\\{c}"),
            '\u{7}' => write!(text, "\\a"),
            '\u{8}' => write!(text, "\\b"),
            '\u{c}' => write!(text, "\\f"),
            '\n' => write!(text, "\\n"),
            '\r' => write!(text, "\\r"),
            '\t' => write!(text, "\\t"),
            '\u{b}' => write!(text, "\\v"),
            c if c.is_ascii_control() => write!(text, "\\x{:02x}", u32::from(c)),
            c if c.is_control() => write!(text, "\\u{:04x}", u32::from(c)),
            c => write!(text, "{c}"),
        };
    }
    text.push('"');
}
