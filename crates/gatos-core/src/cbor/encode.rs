//! Value to bytes.
//!
//= spec/encoding.md#dag-cbor

use super::{DECIMAL_KEY, LINK_TAG};
use crate::cid::{CID_BYTES, Cid};
use crate::value::Value;

/// The one byte string of `value`.
///
/// A map made in memory with keys that begin with `$` is written as it is; whoever takes maps from
/// users refuses such keys, as [`json::from_str`](crate::json::from_str) and
/// [`decode`](super::decode) do.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

/// Whether `bytes` are what [`encode`] makes of `value`, without making it.
#[must_use]
pub(crate) fn is_encoding(bytes: &[u8], value: &Value) -> bool {
    let mut rest = Rest::of(bytes);
    write(&mut rest, value);
    rest.is_all()
}

/// Length of [`encode`]'s result, without making it.
#[must_use]
pub fn encoded_len(value: &Value) -> usize {
    let mut length = Length(0);
    write(&mut length, value);
    length.0
}

/// Where encoded bytes go.
pub(crate) trait Sink {
    /// Take more bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// What is left of bytes to which those that are put are compared.
pub(crate) struct Rest<'a>(Option<&'a [u8]>);

impl<'a> Rest<'a> {
    /// All of `bytes` are to come.
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self(Some(bytes))
    }

    /// Whether all of them came, and nothing else.
    pub(crate) fn is_all(&self) -> bool {
        self.0.is_some_and(<[u8]>::is_empty)
    }
}

impl Sink for Rest<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.and_then(|rest| rest.strip_prefix(bytes));
    }
}

struct Length(usize);

impl Sink for Length {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

/// Write the bytes of `value`.
pub(crate) fn write(out: &mut impl Sink, value: &Value) {
    match value {
        Value::Null => out.put(&[0xf6]),
        Value::Bool(false) => out.put(&[0xf4]),
        Value::Bool(true) => out.put(&[0xf5]),
        // The argument of a negative integer is -1 minus it, which is its complement.
        Value::Integer(i @ ..0) => write_head(out, 1, (!i).cast_unsigned()),
        Value::Integer(i) => write_head(out, 0, i.cast_unsigned()),
        Value::Decimal(d) => {
            write_head(out, 5, 1);
            write_text(out, DECIMAL_KEY);
            write_text(out, &d.decimal().to_string());
        }
        Value::Text(text) => write_text(out, text),
        Value::Bytes(bytes) => write_bytes(out, bytes),
        Value::List(items) => {
            write_count(out, 4, items.len());
            for item in items {
                write(out, item);
            }
        }
        Value::Map(map) => {
            write_count(out, 5, map.len());
            for (key, value) in map.iter() {
                write_text(out, key);
                write(out, value);
            }
        }
        Value::Link(cid) => write_link(out, cid),
    }
}

/// Write the bytes of a text.
pub(crate) fn write_text(out: &mut impl Sink, text: &str) {
    write_count(out, 3, text.len());
    out.put(text.as_bytes());
}

/// Write the bytes of a byte string.
pub(crate) fn write_bytes(out: &mut impl Sink, bytes: &[u8]) {
    write_count(out, 2, bytes.len());
    out.put(bytes);
}

/// Write the bytes of a link.
pub(crate) fn write_link(out: &mut impl Sink, cid: &Cid) {
    const LINK_BYTES: usize = 1 + CID_BYTES;
    write_head(out, 6, LINK_TAG);
    write_count(out, 2, LINK_BYTES);
    // The multibase prefix "identity", which DAG-CBOR asks for.
    out.put(&[0x00]);
    out.put(&cid.to_bytes());
}

/// Write the head of `count` bytes or items of a major type.
pub(crate) fn write_count(out: &mut impl Sink, major: u8, count: usize) {
    write_head(out, major, u64::try_from(count).unwrap_or(u64::MAX));
}

fn write_head(out: &mut impl Sink, major: u8, argument: u64) {
    let major = major << 5;
    let [a, b, c, d, e, f, g, h] = argument.to_be_bytes();
    match argument {
        0..=23 => out.put(&[major | h]),
        24..=0xff => out.put(&[major | 24, h]),
        0x100..=0xffff => out.put(&[major | 25, g, h]),
        0x1_0000..=0xffff_ffff => out.put(&[major | 26, e, f, g, h]),
        _ => out.put(&[major | 27, a, b, c, d, e, f, g, h]),
    }
}
