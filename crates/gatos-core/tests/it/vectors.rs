//! Golden vectors: the files in `vectors/` are what this crate reads and writes, for ever.
//!
//! `UPDATE_EXPECT=1` rewrites them; a changed `ok` vector is a change of format.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gatos_core::cbor::{self, DecodeErrorKind, Limits};
use gatos_core::cid::Cid;
use gatos_core::decimal::Decimal;
use gatos_core::json;
use gatos_core::value::Value;

use crate::negatives::{NEGATIVES, bytes};

/// The files of one folder of vectors; each that is expected is compared, none other may be there.
pub(crate) struct Folder {
    path: PathBuf,
    seen: BTreeSet<String>,
}

impl Folder {
    pub(crate) fn open(name: &str) -> Self {
        let path = crate::manifest().join("vectors").join(name);
        if update() {
            std::fs::create_dir_all(&path).unwrap();
        }
        Self {
            path,
            seen: BTreeSet::new(),
        }
    }

    /// Compare one file, or write it.
    pub(crate) fn expect(&mut self, file: &str, content: impl AsRef<[u8]>) {
        let (path, content) = (self.path.join(file), content.as_ref());
        assert!(self.seen.insert(file.to_owned()), "`{file}` is there twice");
        if update() {
            std::fs::write(&path, content).unwrap();
        }
        let found = std::fs::read(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            found == content,
            "{} changed:\n{}\nis now\n{}\n(UPDATE_EXPECT=1 rewrites it)",
            path.display(),
            String::from_utf8_lossy(&found),
            String::from_utf8_lossy(content),
        );
    }

    /// No file may be there that nobody expected.
    pub(crate) fn finish(self) {
        for entry in std::fs::read_dir(&self.path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if self.seen.contains(&name) {
                continue;
            }
            assert!(update(), "nobody expects {}/{name}", self.path.display());
            std::fs::remove_file(self.path.join(name)).unwrap();
        }
    }
}

fn update() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// Names of the vectors of a folder, without their endings.
pub(crate) fn names(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn values_have_the_recorded_bytes() {
    let mut folder = Folder::open("encoding/ok");
    for (name, value) in values() {
        let encoded = cbor::encode(&value);
        let cid = Cid::of_dag_cbor(&encoded);
        let text = json::to_string_pretty(&value);
        folder.expect(&format!("{name}.cbor"), &encoded);
        folder.expect(&format!("{name}.json"), format!("{text}\n"));
        folder.expect(&format!("{name}.cid"), format!("{cid}\n"));
        assert_eq!(cbor::decode(&encoded), Ok(value.clone()), "{name}");
        assert_eq!(cbor::encoded_len(&value), encoded.len(), "{name}");
        // The projection says which values it cannot bring back.
        if !text.contains(r#""/":"#) {
            assert_eq!(json::from_str(&text).as_ref(), Ok(&value), "{name}");
        }
    }
    folder.finish();
}

#[test]
fn other_bytes_are_refused_for_the_recorded_reason() {
    let mut folder = Folder::open("encoding/err");
    for (name, hex, class) in NEGATIVES {
        let bytes = bytes(hex);
        let error = cbor::decode(&bytes).expect_err(name);
        assert_eq!(error.kind.class(), *class, "{name}: {error}");
        folder.expect(&format!("{name}.cbor"), &bytes);
        folder.expect(&format!("{name}.txt"), format!("{class}\n{error}\n"));
    }
    for (name, bytes, class) in deep() {
        let error = cbor::decode(&bytes).expect_err(name);
        assert_eq!(error.kind.class(), class, "{name}: {error}");
        folder.expect(&format!("{name}.cbor"), &bytes);
        folder.expect(&format!("{name}.txt"), format!("{class}\n{error}\n"));
    }
    folder.finish();
}

#[test]
fn there_are_enough_refusals_and_every_class_has_one() {
    assert!(NEGATIVES.len() >= 80, "{}", NEGATIVES.len());
    let classes: BTreeSet<_> = NEGATIVES.iter().map(|(_, _, class)| *class).collect();
    // Depth has vectors that are too long to be written down; sizes and items have `limits.rs`.
    let elsewhere = [
        DecodeErrorKind::Depth { max: 0 }.class(),
        DecodeErrorKind::Items { max: 0 }.class(),
        DecodeErrorKind::Size { found: 0, max: 0 }.class(),
    ];
    assert_eq!(classes.len() + elsewhere.len(), 20);
    assert!(elsewhere.iter().all(|class| !classes.contains(class)));
    let spec = std::fs::read_to_string(crate::manifest().join("../../docs/spec/encoding.md"));
    let spec = spec.unwrap();
    for class in classes.into_iter().chain(elsewhere) {
        assert!(
            spec.contains(&format!("| `{class}` |")),
            "docs/spec/encoding.md lacks the class `{class}`"
        );
    }
}

#[test]
fn a_file_that_differs_is_noticed() {
    let noticed = |content: &str| {
        let content = content.to_owned();
        std::panic::catch_unwind(move || {
            Folder::open("encoding/ok").expect("null.cid", content);
        })
        .is_err()
    };
    let right = format!("{}\n", Cid::of_dag_cbor(&[0xf6]));
    assert!(update() || (noticed("bafyrei\n") && !noticed(&right)));
}

/// What is refused for its depth.
fn deep() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let lists = |depth: usize, inner: &[u8]| [vec![0x81; depth], inner.to_vec()].concat();
    let decimal = b"\xa1\x64$dec\x630.1";
    vec![
        ("depth-65-lists", lists(64, &[0x80]), "depth"),
        ("depth-65-map-inside", lists(64, &[0xa0]), "depth"),
        ("depth-65-decimal-inside", lists(64, decimal), "depth"),
        ("depth-1000-cut", vec![0x81; 1000], "depth"),
        ("depth-65-maps", b"\xa1\x60".repeat(65), "depth"),
    ]
}

fn values() -> Vec<(String, Value)> {
    let mut values = Vec::new();
    let mut add = |name: &str, value: Value| values.push((name.to_owned(), value));
    add("null", Value::Null);
    add("true", Value::Bool(true));
    add("false", Value::Bool(false));
    for (name, value) in integers() {
        add(&format!("integer-{name}"), Value::Integer(value));
    }
    for text in DECIMALS {
        let number: Decimal = text.parse().unwrap();
        add(&format!("decimal-{text}"), Value::number(number));
    }
    for (name, text) in TEXTS {
        add(&format!("text-{name}"), Value::from(*text));
    }
    add("text-23-bytes", Value::text("x".repeat(23)));
    add("text-24-bytes", Value::text("x".repeat(24)));
    add("text-256-bytes", Value::text("x".repeat(256)));
    for length in [0, 1, 23, 24, 255, 256, 65_536] {
        let bytes: Vec<u8> = (0..length)
            .map(|i| u8::try_from(i % 251).unwrap())
            .collect();
        add(&format!("bytes-{length}"), Value::Bytes(bytes));
    }
    for (name, value) in lists_and_maps() {
        add(name, value);
    }
    values
}

fn integers() -> Vec<(String, i64)> {
    let edges = [
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        4_294_967_295,
        4_294_967_296,
        i64::MAX,
    ];
    edges
        .into_iter()
        .flat_map(|edge| {
            [
                (edge.to_string(), edge),
                (format!("minus-{}", i128::from(edge) + 1), !edge),
            ]
        })
        .collect()
}

const DECIMALS: &[&str] = &[
    "0.1",
    "-0.1",
    "1.5",
    "-273.15",
    "0.000001",
    "6.02214076",
    "3.141592653589793238462643383",
    "9223372036854775808",
    "-9223372036854775809",
    "10000000000000000000000000",
    "9999999999999999999999999999",
    "-9999999999999999999999999999",
    "0.9999999999999999999999999999",
    "123456789012345678901234567.8",
    "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
];

const TEXTS: &[(&str, &str)] = &[
    ("empty", ""),
    ("ascii", "gatos"),
    ("two-byte", "é"),
    ("decomposed", "e\u{301}"),
    ("three-byte", "水"),
    ("four-byte", "🐈"),
    ("quotes", "say \"no\" to C:\\"),
    ("controls", "\0\t\n\r\u{1b}[2J\u{7f}\u{9b}"),
    ("invisible", "a\u{200b}\u{202e}\u{2066}\u{feff}\u{ad}b"),
    ("looks-like-number", "0.1"),
];

fn lists_and_maps() -> Vec<(&'static str, Value)> {
    let raw = Value::from(Cid::of_raw(b"hello"));
    let block = Value::from(Cid::of_dag_cbor(&[0xa0]));
    let one = Value::Integer(1);
    let deep = (0..64).fold(None, |inner, _| Some(Value::list(inner)));
    let order = ["b", "aa", "", "é", "zz", "B", "a", "aaa", "ab", "/"];
    let order = order
        .iter()
        .zip(1..)
        .map(|(key, i)| (*key, Value::Integer(i)));
    let measurement = r#"{"type":"measurement","payload":{"species":"Adélie","mass":3.750,
        "when":"2026-11-22T09:30:00Z","flags":[true,null],"count":3}}"#;
    vec![
        ("list-empty", Value::list([])),
        ("list-of-one", Value::list([one.clone()])),
        ("list-of-24", Value::list((0..24).map(Value::Integer))),
        ("list-of-300", Value::list((0..300).map(Value::Integer))),
        ("list-nested-64-deep", deep.unwrap()),
        ("map-empty", Value::map::<String>([])),
        (
            "map-shorter-keys-first",
            Value::map([("aa", Value::Integer(2)), ("b", one.clone())]),
        ),
        ("map-key-order", Value::map(order)),
        (
            "map-of-24",
            Value::map((0..24).map(|i| (format!("k{i:02}"), Value::Integer(i)))),
        ),
        (
            "map-nested",
            Value::map([("a", Value::map([("b", Value::list([one]))]))]),
        ),
        (
            "map-key-with-dollar-inside",
            Value::map([("a$", Value::Null)]),
        ),
        ("link-raw", raw.clone()),
        ("link-dag-cbor", block.clone()),
        (
            "link-in-list-and-map",
            Value::list([raw, Value::map([("next", block)])]),
        ),
        ("measurement", json::from_str(measurement).unwrap()),
    ]
}

#[test]
fn reserved_keys_stand_in_blocks_of_the_format_only() {
    let limits = Limits {
        keys: cbor::Keys::Reserved,
        ..Limits::BLOCK
    };
    let block = Value::map([("$kind", Value::from("leaf")), ("n", Value::from(1))]);
    let bytes = cbor::encode(&block);
    assert_eq!(cbor::decode_with(&bytes, &limits), Ok(block));
    assert!(cbor::decode(&bytes).is_err());
    // `$dec` stays the mark of a decimal even there.
    let company = Value::map([("$a", Value::Null), ("$dec", Value::from("0.1"))]);
    let error = cbor::decode_with(&cbor::encode(&company), &limits).unwrap_err();
    assert_eq!(error.kind.class(), "reserved-key");
}
