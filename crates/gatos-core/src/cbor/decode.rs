//! Bytes to value, refusing every byte string that the encoder would not write.
//!
//= spec/encoding.md#dag-cbor

use super::{
    DECIMAL_KEY, DecodeError, DecodeErrorKind, LINK_TAG, MAX_BLOCK_BYTES, MAX_DEPTH, MAX_ITEMS,
};
use crate::cid::Cid;
use crate::decimal::Decimal;
use crate::value::{Map, RESERVED_KEY_PREFIX, Value};

/// Most items of a list for which room is made before they have been seen.
const MAX_RESERVED_ITEMS: usize = 64;

/// Whether map keys that begin with `$` may stand in a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// Only where they are the format's own (`$dec`): users' data and statements
    Users,
    /// Anywhere: the format's own blocks, such as nodes of a state tree
    Reserved,
}

/// What a block may be at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Size of the block in bytes
    pub max_bytes: usize,
    /// Nesting of lists and maps
    pub max_depth: usize,
    /// Number of values, those inside lists and maps included
    pub max_items: usize,
    /// Which keys may stand in it
    pub keys: Keys,
}

impl Limits {
    /// The limits of a block of which nothing more is known.
    pub const BLOCK: Self = Self {
        max_bytes: MAX_BLOCK_BYTES,
        max_depth: MAX_DEPTH,
        max_items: MAX_ITEMS,
        keys: Keys::Users,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::BLOCK
    }
}

/// The value whose one byte string `bytes` is.
///
/// # Errors
/// Anything but strict DAG-CBOR within the default [`Limits`].
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_with(bytes, &Limits::BLOCK)
}

/// As [`decode`], within other limits.
///
/// # Errors
/// Anything but strict DAG-CBOR within `limits`.
pub fn decode_with(bytes: &[u8], limits: &Limits) -> Result<Value, DecodeError> {
    if bytes.len() > limits.max_bytes {
        let kind = DecodeErrorKind::Size {
            found: bytes.len(),
            max: limits.max_bytes,
        };
        return Err(DecodeError { offset: 0, kind });
    }
    let mut reader = Reader {
        rest: bytes,
        size: bytes.len(),
        items_left: limits.max_items,
        limits,
    };
    let value = reader.item(limits.max_depth)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(reader.error(DecodeErrorKind::Trailing))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    size: usize,
    items_left: usize,
    limits: &'a Limits,
}

/// Where an item begins, as the number of bytes that followed then.
#[derive(Clone, Copy)]
struct Mark(usize);

impl<'a> Reader<'a> {
    const fn mark(&self) -> Mark {
        Mark(self.rest.len())
    }

    const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        self.error_at(self.mark(), kind)
    }

    const fn error_at(&self, mark: Mark, kind: DecodeErrorKind) -> DecodeError {
        DecodeError {
            offset: self.size.saturating_sub(mark.0),
            kind,
        }
    }

    /// One item, in which lists and maps may nest `levels` deep.
    fn item(&mut self, levels: usize) -> Result<Value, DecodeError> {
        let start = self.mark();
        let Some(items_left) = self.items_left.checked_sub(1) else {
            let max = self.limits.max_items;
            return Err(self.error(DecodeErrorKind::Items { max }));
        };
        self.items_left = items_left;
        let (major, info) = self.head()?;
        if major == 7 {
            return simple(info).map_err(|kind| self.error_at(start, kind));
        }
        let argument = self.argument(start, info)?;
        match major {
            0 => self.integer(start, argument).map(Value::Integer),
            1 => self.integer(start, argument).map(|i| Value::Integer(!i)),
            2 => Ok(Value::Bytes(self.take(start, argument)?.to_vec())),
            3 => Ok(Value::Text(self.text(start, argument)?.to_owned())),
            4 => self.list(start, argument, levels),
            5 => self.map(start, argument, levels),
            _ if argument == LINK_TAG => self.link(start).map(Value::Link),
            _ => Err(self.error_at(start, DecodeErrorKind::Tag { tag: argument })),
        }
    }

    fn integer(&self, start: Mark, argument: u64) -> Result<i64, DecodeError> {
        i64::try_from(argument).map_err(|_| self.error_at(start, DecodeErrorKind::IntegerRange))
    }

    fn list(&mut self, start: Mark, count: u64, levels: usize) -> Result<Value, DecodeError> {
        let inner = self.descend(start, levels)?;
        let count = self.count(start, count, 1)?;
        let mut items = Vec::with_capacity(count.min(MAX_RESERVED_ITEMS));
        for _ in 0..count {
            items.push(self.item(inner)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, start: Mark, count: u64, levels: usize) -> Result<Value, DecodeError> {
        let inner = self.descend(start, levels)?;
        let count = self.count(start, count, 2)?;
        let mut map = Map::new();
        for _ in 0..count {
            let key_at = self.mark();
            let key = self.key()?;
            if !map.is_after_last(key) {
                let key = key.to_owned();
                return Err(self.error_at(key_at, DecodeErrorKind::KeyOrder { key }));
            }
            map.push_last(key.to_owned(), self.item(inner)?);
        }
        self.resolve(start, map)
    }

    /// What a map stands for: itself, or a number.
    fn resolve(&self, start: Mark, map: Map) -> Result<Value, DecodeError> {
        let decimal = map.get(DECIMAL_KEY);
        if map.len() == 1
            && let Some(text) = decimal
        {
            return number(text).map_err(|kind| self.error_at(start, kind));
        }
        let reserved = match self.limits.keys {
            Keys::Reserved => decimal.map(|_| DECIMAL_KEY),
            Keys::Users => map.keys().find(|key| key.starts_with(RESERVED_KEY_PREFIX)),
        };
        if let Some(key) = reserved {
            let key = key.to_owned();
            return Err(self.error_at(start, DecodeErrorKind::ReservedKey { key }));
        }
        Ok(Value::Map(map))
    }

    fn key(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.mark();
        let (major, info) = self.head()?;
        if major != 3 {
            return Err(self.error_at(start, DecodeErrorKind::KeyType));
        }
        let length = self.argument(start, info)?;
        self.text(start, length)
    }

    fn link(&mut self, start: Mark) -> Result<Cid, DecodeError> {
        let inner = self.mark();
        let (major, info) = self.head()?;
        if major != 2 {
            return Err(self.error_at(start, DecodeErrorKind::LinkForm));
        }
        let length = self.argument(inner, info)?;
        match self.take(start, length)? {
            [0x00, cid @ ..] => Cid::from_bytes(cid)
                .map_err(|cause| self.error_at(start, DecodeErrorKind::Link { cause })),
            _ => Err(self.error_at(start, DecodeErrorKind::LinkForm)),
        }
    }

    fn text(&mut self, start: Mark, length: u64) -> Result<&'a str, DecodeError> {
        let bytes = self.take(start, length)?;
        std::str::from_utf8(bytes).map_err(|_| self.error_at(start, DecodeErrorKind::Utf8))
    }

    fn descend(&self, start: Mark, levels: usize) -> Result<usize, DecodeError> {
        let max = self.limits.max_depth;
        levels
            .checked_sub(1)
            .ok_or_else(|| self.error_at(start, DecodeErrorKind::Depth { max }))
    }

    /// The number of entries of a list or map, each of which takes at least `least` bytes.
    fn count(&self, start: Mark, count: u64, least: usize) -> Result<usize, DecodeError> {
        usize::try_from(count)
            .ok()
            .filter(|count| {
                count
                    .checked_mul(least)
                    .is_some_and(|bytes| bytes <= self.rest.len())
            })
            .ok_or_else(|| self.error_at(start, DecodeErrorKind::Truncated))
    }

    fn head(&mut self) -> Result<(u8, u8), DecodeError> {
        let Some((&first, rest)) = self.rest.split_first() else {
            return Err(self.error(DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok((first >> 5, first & 0x1f))
    }

    /// The argument of the head that begins at `start`, in its shortest form.
    fn argument(&mut self, start: Mark, info: u8) -> Result<u64, DecodeError> {
        let (width, least) = match info {
            0..=23 => return Ok(info.into()),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            31 => return Err(self.error_at(start, DecodeErrorKind::Indefinite)),
            _ => return Err(self.error_at(start, DecodeErrorKind::Head)),
        };
        let argument = self
            .take(start, width)?
            .iter()
            .fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        if argument < least {
            Err(self.error_at(start, DecodeErrorKind::NotShortest))
        } else {
            Ok(argument)
        }
    }

    fn take(&mut self, start: Mark, length: u64) -> Result<&'a [u8], DecodeError> {
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length));
        let Some((taken, rest)) = split else {
            return Err(self.error_at(start, DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(taken)
    }
}

const fn simple(info: u8) -> Result<Value, DecodeErrorKind> {
    match info {
        20 => Ok(Value::Bool(false)),
        21 => Ok(Value::Bool(true)),
        22 => Ok(Value::Null),
        25..=27 => Err(DecodeErrorKind::Float),
        28..=30 => Err(DecodeErrorKind::Head),
        31 => Err(DecodeErrorKind::Indefinite),
        _ => Err(DecodeErrorKind::Simple),
    }
}

/// The number that a map `{"$dec": text}` is.
fn number(text: &Value) -> Result<Value, DecodeErrorKind> {
    let Value::Text(text) = text else {
        return Err(DecodeErrorKind::DecimalForm);
    };
    match text.parse::<Decimal>().map(Value::number) {
        Ok(Value::Integer(_)) => Err(DecodeErrorKind::DecimalForm),
        Ok(number) => Ok(number),
        Err(cause) => Err(DecodeErrorKind::Decimal { cause }),
    }
}
