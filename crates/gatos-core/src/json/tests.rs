//! Unit tests of the projection: what is read, what is refused and where, how it looks.

use super::{from_str, to_string, to_string_pretty};
use crate::cid::Cid;
use crate::value::Value;

#[test]
fn numbers_are_taken_exactly() {
    for (text, expected) in [
        ("0.1", "0.1"),
        ("0.10", "0.1"),
        ("1e2", "100"),
        ("-0.0", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775808"),
        (
            "123456789012345678901234567.8",
            "123456789012345678901234567.8",
        ),
    ] {
        assert_eq!(to_string(&from_str(text).unwrap()), expected, "{text}");
    }
}

#[test]
fn refusals_name_the_field() {
    for (text, message) in [
        (
            r#"{"samples": [{"mass": 1}, {"mass": 0.12345678901234567890123456789}]}"#,
            "`samples[1].mass`: the number 0.12345678901234567890123456789 does not fit: \
             inexact: the exact result needs more than 28 significant digits (round first)",
        ),
        (
            r#"{"a": {"b": 1, "b": 2}}"#,
            "`a.b`: the key `b` is there twice",
        ),
        (
            r#"{"a": 1, "\u0061": 2}"#,
            "`a`: the key `a` is there twice",
        ),
        (
            r#"[[{"$dec": "1"}]]"#,
            "`[0][0].$dec`: the key `$dec` begins with `$`, which is reserved",
        ),
        (
            "1e400",
            "the number 1e400 does not fit: overflow: the number has more than 28 digits before the point",
        ),
    ] {
        assert_eq!(from_str(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn only_json_is_read() {
    for text in [
        "",
        " ",
        "nul",
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "1.",
        ".5",
        "0x1",
        "'a'",
        "{a:1}",
        "[1,]",
        r#"{"a":1,}"#,
        "[1] 2",
        "\u{feff}1",
        r#""\ud800""#,
        r#""\x41""#,
        "\"\t\"",
        "// c\n1",
        "{\"a\"}",
    ] {
        assert!(from_str(text).is_err(), "{text:?}");
    }
    for text in [" 1 ", "\n[ ]\t", r#""\ud83d\udc08""#, "{ }"] {
        assert!(from_str(text).is_ok(), "{text:?}");
    }
}

#[test]
fn the_form_for_reading_is_indented() {
    let value = from_str(r#"{"list":[1,{"b":null}],"empty":[],"aa":{},"n":0.50}"#).unwrap();
    let expected = "{\n  \"n\": 0.5,\n  \"aa\": {},\n  \"list\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"empty\": []\n}";
    assert_eq!(to_string_pretty(&value), expected);
}

#[test]
fn bytes_and_links_are_shown_and_not_read_back() {
    let value = Value::list([
        Value::bytes([0xff, 0x00]),
        Value::from(Cid::of_raw(b"hello")),
    ]);
    let text = r#"[{"/":{"bytes":"/wA"}},{"/":"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"}]"#;
    assert_eq!(to_string(&value), text);
    assert!(
        matches!(from_str(text), Ok(Value::List(items)) if items.iter().all(|item| item.kind() == "map"))
    );
}

#[test]
fn nothing_that_is_written_commands_a_terminal() {
    let text = "\u{1b}[31m\u{9b}2J\r\u{8}\u{202e}\u{e0041}\u{7f}é水🐈";
    let written = to_string(&Value::from(text));
    assert_eq!(
        written,
        r#""\u001b[31m\u009b2J\r\u0008\u202e\udb40\udc41\u007fé水🐈""#
    );
    assert_eq!(from_str(&written), Ok(Value::from(text)));
}
