//! Unit tests of the codec's edges and of taking fields; the vectors have the rest.

use super::{Fields, Limits, decode, decode_with, encode};
use crate::cid::Cid;
use crate::decimal::Decimal;
use crate::value::{Map, Value};

fn check(value: Value, hex: &str) {
    let bytes = encode(&value);
    assert_eq!(data_encoding::HEXLOWER.encode(&bytes), hex);
    assert_eq!(decode(&bytes), Ok(value));
}

#[test]
fn shorter_keys_come_first() {
    let map = Value::map([("aa", Value::from(2)), ("b", Value::from(1))]);
    check(map, "a2616201626161 02".replace(' ', "").as_str());
}

#[test]
fn heads_are_shortest() {
    for (integer, hex) in [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65_536, "1a00010000"),
        (4_294_967_296, "1b0000000100000000"),
        (i64::MAX, "1b7fffffffffffffff"),
        (-1, "20"),
        (-24, "37"),
        (-25, "3818"),
        (i64::MIN, "3b7fffffffffffffff"),
    ] {
        check(Value::from(integer), hex);
    }
}

#[test]
fn a_number_has_one_encoding() {
    check(
        Value::number("0.5".parse().unwrap()),
        "a1642464656363302e35",
    );
    check(Value::number(Decimal::from(7)), "07");
    let beyond = Value::number(Decimal::new(1 << 63, 0).unwrap());
    check(
        beyond,
        "a16424646563 7339323233333732303336383534373735383038"
            .replace(' ', "")
            .as_str(),
    );
}

#[test]
fn errors_say_where_and_quote_safely() {
    for (bytes, message) in [
        (
            &b"\x82\x00\xf9\x3c\x00"[..],
            "floating-point numbers are not allowed (at byte 2)",
        ),
        (
            b"\xa1\x61a\xd8\x2a\x00",
            "a link is not a byte string that begins with 0 (at byte 3)",
        ),
        (
            b"\xa2\x61b\x00\x61a\x00",
            "map key `a` is out of order or there twice (at byte 4)",
        ),
        (
            b"\xa1\x62$\x1b\x00",
            r"map key `$\u{1b}` begins with `$`, which is reserved (at byte 0)",
        ),
    ] {
        assert_eq!(decode(bytes).unwrap_err().to_string(), message);
    }
    let long = [b"\xa1\x79\x01\x00$".to_vec(), vec![b'x'; 255], vec![0]].concat();
    let message = decode(&long).unwrap_err().to_string();
    assert!(message.len() < 200 && message.contains('…'), "{message}");
}

#[test]
fn limits_are_those_given() {
    let limits = Limits {
        max_depth: 1,
        max_items: 3,
        max_bytes: 4,
        ..Limits::BLOCK
    };
    let class = |bytes: &[u8]| {
        decode_with(bytes, &limits)
            .map_err(|error| error.kind.class())
            .map(drop)
    };
    assert_eq!(class(b"\x82\x00\x00"), Ok(()));
    assert_eq!(class(b"\x81\x80"), Err("depth"));
    assert_eq!(class(b"\x83\x00\x00\x00"), Err("items"));
    assert_eq!(class(b"\x84\x00\x00\x00\x00"), Err("size"));
    let none = Limits {
        max_items: 0,
        ..Limits::BLOCK
    };
    assert!(decode_with(b"\x00", &none).is_err());
}

#[test]
fn fields_are_taken_one_by_one_and_none_is_left() {
    let value = || {
        Value::map([
            ("n", Value::from(-1)),
            ("t", Value::from("x")),
            ("l", Value::from(Cid::of_raw(b""))),
            ("z", Value::Null),
        ])
    };
    let mut fields = Fields::of("thing", value()).unwrap();
    assert_eq!(fields.text("t"), Ok("x".to_owned()));
    assert_eq!(fields.nullable_link("z"), Ok(None));
    assert_eq!(fields.nullable_link("l"), Ok(Some(Cid::of_raw(b""))));
    let left = fields.finish().unwrap_err().to_string();
    assert_eq!(left, "`thing` has the unknown field `n`");

    let mut fields = Fields::of("thing", value()).unwrap();
    let refusals = [
        fields.count("n").unwrap_err().to_string(),
        fields.integer("t").unwrap_err().to_string(),
        fields.text("t").unwrap_err().to_string(),
        fields.link("z").unwrap_err().to_string(),
    ];
    assert_eq!(
        refusals,
        [
            "field `n` of `thing` is not zero or more",
            "field `t` of `thing` is of kind text, not an integer",
            "`thing` lacks the field `t`",
            "field `z` of `thing` is of kind null, not a link",
        ]
    );
    let error = Fields::of("thing", Value::List(vec![]))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "`thing` is of kind list, not a map");
}

#[test]
fn a_map_keeps_its_order_and_each_key_once() {
    let mut map = Map::new();
    for key in ["b", "aa", "a", "", "b"] {
        map.insert(key, Value::from(key));
    }
    assert_eq!(map.keys().collect::<Vec<_>>(), ["", "a", "b", "aa"]);
    assert_eq!(map.insert("a", Value::Null), Some(Value::from("a")));
    assert_eq!(map.remove("a"), Some(Value::Null));
    assert_eq!(map.remove("a"), None);
    assert!(!map.push_last("b".to_owned(), Value::Null));
    assert!(map.push_last("bb".to_owned(), Value::Null));
    let twice = Value::map([
        ("k", Value::from(1)),
        ("j", Value::Null),
        ("k", Value::from(2)),
    ]);
    assert_eq!(crate::json::to_string(&twice), r#"{"j":null,"k":2}"#);
}
