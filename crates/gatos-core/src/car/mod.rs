//! CARv1: a content-addressed archive, the one file that evidence travels in. `docs/spec/evidence.md#car`.
//!
//! One root, every block's bytes checked against its id, each block once, nothing after the last.

mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use crate::cbor::{self, Limits};
use crate::cid::{CID_BYTES, Cid};
use crate::value::Value;

pub use self::error::CarError;

/// Largest header, in bytes; ours has 58.
const MAX_HEADER_BYTES: u64 = 256;
/// Most bytes of a length prefix.
const MAX_VARINT_BYTES: usize = 9;

/// Write an archive: its root, then the blocks in the order given.
///
/// # Errors
/// What `out` fails with.
pub fn write<'a>(
    out: &mut impl Write,
    root: Cid,
    blocks: impl IntoIterator<Item = (Cid, &'a [u8])>,
) -> io::Result<()> {
    let header = cbor::encode(&header(root));
    write_varint(out, header.len())?;
    out.write_all(&header)?;
    for (cid, block) in blocks {
        write_block(out, cid, block)?;
    }
    Ok(())
}

/// Write one more block.
///
/// # Errors
/// What `out` fails with.
pub fn write_block(out: &mut impl Write, cid: Cid, block: &[u8]) -> io::Result<()> {
    write_varint(out, CID_BYTES + block.len())?;
    out.write_all(&cid.to_bytes())?;
    out.write_all(block)
}

/// An archive whose every block was checked.
#[derive(Debug)]
pub struct Archive {
    bytes: Vec<u8>,
    root: Cid,
    blocks: BTreeMap<Cid, Range<usize>>,
}

impl Archive {
    /// Read an archive and check every block.
    ///
    /// # Errors
    /// Anything but a CARv1 with one root, which is there, and distinct blocks of ours that are what
    /// their ids say; with the offset at which it is wrong.
    pub fn read(bytes: Vec<u8>) -> Result<Self, CarError> {
        let mut at = 0;
        let length = take_varint(&bytes, &mut at)?;
        if length > MAX_HEADER_BYTES {
            return Err(CarError::Header { source: None });
        }
        let root = read_header(take(&bytes, &mut at, length)?)?;
        let mut blocks = BTreeMap::new();
        while at < bytes.len() {
            let offset = at;
            let length = take_varint(&bytes, &mut at)?;
            let section = take(&bytes, &mut at, length)?;
            let (cid, block) = section
                .split_at_checked(CID_BYTES)
                .ok_or(CarError::Truncated { offset })?;
            let cid = Cid::from_bytes(cid).map_err(|source| CarError::Cid { offset, source })?;
            if !cid.names(block) {
                return Err(CarError::Damaged { offset, cid });
            }
            if blocks.insert(cid, at - block.len()..at).is_some() {
                return Err(CarError::Duplicate { offset, cid });
            }
        }
        if !blocks.contains_key(&root) {
            return Err(CarError::NoRoot { root });
        }
        Ok(Self {
            bytes,
            root,
            blocks,
        })
    }

    /// The root.
    #[must_use]
    pub const fn root(&self) -> Cid {
        self.root
    }

    /// The bytes of a block.
    #[must_use]
    pub fn get(&self, cid: &Cid) -> Option<&[u8]> {
        self.bytes.get(self.blocks.get(cid)?.clone())
    }

    /// The ids of all blocks.
    pub fn ids(&self) -> impl Iterator<Item = &Cid> {
        self.blocks.keys()
    }
}

fn header(root: Cid) -> Value {
    Value::map([
        ("roots", Value::list([Value::Link(root)])),
        ("version", Value::Integer(1)),
    ])
}

fn read_header(bytes: &[u8]) -> Result<Cid, CarError> {
    let value =
        cbor::decode_with(bytes, &Limits::default()).map_err(|source| CarError::Header {
            source: Some(source),
        })?;
    let roots = match &value {
        Value::Map(map) => map.get("roots"),
        _ => None,
    };
    match roots {
        Some(Value::List(roots)) => match roots.as_slice() {
            [Value::Link(root)] if value == header(*root) => Ok(*root),
            _ => Err(CarError::Header { source: None }),
        },
        _ => Err(CarError::Header { source: None }),
    }
}

fn take<'a>(bytes: &'a [u8], at: &mut usize, length: u64) -> Result<&'a [u8], CarError> {
    let truncated = CarError::Truncated { offset: *at };
    let length = usize::try_from(length).map_err(|_| truncated.clone())?;
    let end = at.checked_add(length).ok_or_else(|| truncated.clone())?;
    let taken = bytes.get(*at..end).ok_or(truncated)?;
    *at = end;
    Ok(taken)
}

/// An unsigned LEB128 number in its shortest form.
fn take_varint(bytes: &[u8], at: &mut usize) -> Result<u64, CarError> {
    let offset = *at;
    let mut number = 0;
    for index in 0..MAX_VARINT_BYTES {
        let byte = *bytes.get(*at).ok_or(CarError::Truncated { offset })?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let shortest = byte != 0 || index == 0;
            return if shortest {
                Ok(number)
            } else {
                Err(CarError::Varint { offset })
            };
        }
    }
    Err(CarError::Varint { offset })
}

fn write_varint(out: &mut impl Write, number: usize) -> io::Result<()> {
    let mut rest = number;
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            return out.write_all(&[low]);
        }
        out.write_all(&[low | 0x80])?;
    }
}
