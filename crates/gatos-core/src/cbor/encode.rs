//! Value to bytes.

use super::{DECIMAL_KEY, LINK_TAG};
use crate::cid::{CID_BYTES, Cid};
use crate::value::Value;

/// The one byte string of `value`.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(value));
    write(&mut out, value);
    out
}

/// Length of [`encode`]'s result, without making it.
#[must_use]
pub fn encoded_len(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Integer(i) => head_len(magnitude(*i)),
        Value::Decimal(d) => {
            let text = d.decimal().to_string();
            1 + 1 + DECIMAL_KEY.len() + head_len(text.len() as u64) + text.len()
        }
        Value::Text(text) => head_len(text.len() as u64) + text.len(),
        Value::Bytes(bytes) => head_len(bytes.len() as u64) + bytes.len(),
        Value::List(items) => {
            head_len(items.len() as u64) + items.iter().map(encoded_len).sum::<usize>()
        }
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(k, v)| head_len(k.len() as u64) + k.len() + encoded_len(v));
            head_len(map.len() as u64) + entries.sum::<usize>()
        }
        Value::Link(_) => 2 + 2 + 1 + CID_BYTES,
    }
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(false) => out.push(0xf4),
        Value::Bool(true) => out.push(0xf5),
        Value::Integer(i) => write_head(out, if *i < 0 { 1 } else { 0 }, magnitude(*i)),
        Value::Decimal(d) => {
            write_head(out, 5, 1);
            write_text(out, DECIMAL_KEY);
            write_text(out, &d.decimal().to_string());
        }
        Value::Text(text) => write_text(out, text),
        Value::Bytes(bytes) => {
            write_head(out, 2, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        Value::List(items) => {
            write_head(out, 4, items.len() as u64);
            for item in items {
                write(out, item);
            }
        }
        Value::Map(map) => {
            write_head(out, 5, map.len() as u64);
            for (key, value) in map.iter() {
                write_text(out, key);
                write(out, value);
            }
        }
        Value::Link(cid) => write_link(out, cid),
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn write_link(out: &mut Vec<u8>, cid: &Cid) {
    write_head(out, 6, LINK_TAG);
    write_head(out, 2, 1 + CID_BYTES as u64);
    // The multibase prefix "identity", which DAG-CBOR asks for.
    out.push(0x00);
    out.extend_from_slice(&cid.to_bytes());
}

/// The argument of an integer's head: itself, or `-1 - itself` where it is negative.
const fn magnitude(i: i64) -> u64 {
    if i < 0 { !(i as u64) } else { i as u64 }
}

const fn head_len(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

fn write_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    match head_len(argument) {
        1 => out.push(major | bytes[7]),
        2 => out.extend_from_slice(&[major | 24, bytes[7]]),
        3 => {
            out.push(major | 25);
            out.extend_from_slice(&bytes[6..]);
        }
        5 => {
            out.push(major | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&bytes);
        }
    }
}
