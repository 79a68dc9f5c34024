//! Value to JSON text.

use data_encoding::BASE64_NOPAD;

use crate::value::{Value, is_unsafe_to_show};

/// The value as JSON on one line: keys in canonical order, numbers exact.
///
/// Bytes become `{"/": {"bytes": base64}}` and links `{"/": cid}`, as in DAG-JSON.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, None);
    out
}

/// The value as JSON indented by two spaces, without a final newline.
#[must_use]
pub fn to_string_pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Some(0));
    out
}

fn write(out: &mut String, value: &Value, indent: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Integer(i) => out.push_str(&i.to_string()),
        Value::Decimal(d) => out.push_str(&d.decimal().to_string()),
        Value::Text(text) => write_text(out, text),
        Value::Bytes(bytes) => {
            out.push_str(r#"{"/":{"bytes":""#);
            out.push_str(&BASE64_NOPAD.encode(bytes));
            out.push_str(r#""}}"#);
        }
        Value::Link(cid) => {
            out.push_str(r#"{"/":""#);
            out.push_str(&cid.to_string());
            out.push_str(r#""}"#);
        }
        Value::List(items) => {
            write_items(
                out,
                ['[', ']'],
                indent,
                items.iter(),
                |out, item, indent| {
                    write(out, item, indent);
                },
            );
        }
        Value::Map(map) => {
            write_items(
                out,
                ['{', '}'],
                indent,
                map.iter(),
                |out, (key, value), indent| {
                    write_text(out, key);
                    out.push_str(if indent.is_some() { ": " } else { ":" });
                    write(out, value, indent);
                },
            );
        }
    }
}

fn write_items<T>(
    out: &mut String,
    [open, close]: [char; 2],
    indent: Option<usize>,
    items: impl ExactSizeIterator<Item = T>,
    mut each: impl FnMut(&mut String, T, Option<usize>),
) {
    out.push(open);
    let empty = items.len() == 0;
    let inner = indent.map(|depth| depth.saturating_add(1));
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        break_line(out, inner);
        each(out, item, inner);
    }
    if !empty {
        break_line(out, indent);
    }
    out.push(close);
}

fn break_line(out: &mut String, indent: Option<usize>) {
    if let Some(depth) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// A JSON string in ASCII-safe form for everything that a terminal could take for a command.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe_to_show(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
