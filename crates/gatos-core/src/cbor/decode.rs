//! Bytes to value, refusing every byte string that the encoder would not write.

use super::{DECIMAL_KEY, DecodeError, DecodeErrorKind, LINK_TAG, MAX_BLOCK_BYTES, MAX_DEPTH};
use crate::cid::Cid;
use crate::decimal::Decimal;
use crate::value::{Map, RESERVED_KEY_PREFIX, Value};

/// Most items for which room is made before they have been seen.
const MAX_RESERVED_ITEMS: usize = 1024;

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
    /// Which keys may stand in it
    pub keys: Keys,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: MAX_BLOCK_BYTES,
            max_depth: MAX_DEPTH,
            keys: Keys::Users,
        }
    }
}

/// The value whose one byte string `bytes` is.
///
/// # Errors
/// Anything but strict DAG-CBOR within the default [`Limits`].
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_with(bytes, &Limits::default())
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
        bytes,
        at: 0,
        limits,
    };
    let value = reader.item(0)?;
    if reader.at == bytes.len() {
        Ok(value)
    } else {
        Err(reader.error(DecodeErrorKind::Trailing))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    limits: &'a Limits,
}

impl<'a> Reader<'a> {
    const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError {
            offset: self.at,
            kind,
        }
    }

    fn item(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let start = self.at;
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 0x1f);
        let fail = |kind| {
            Err(DecodeError {
                offset: start,
                kind,
            })
        };
        if major == 7 {
            return match info {
                20 => Ok(Value::Bool(false)),
                21 => Ok(Value::Bool(true)),
                22 => Ok(Value::Null),
                25..=27 => fail(DecodeErrorKind::Float),
                31 => fail(DecodeErrorKind::Indefinite),
                _ => fail(DecodeErrorKind::Simple),
            };
        }
        let argument = self.argument(start, info)?;
        match major {
            0 => integer(argument).map_or_else(|| fail(DecodeErrorKind::IntegerRange), Ok),
            1 => match integer(argument) {
                Some(Value::Integer(i)) => Ok(Value::Integer(!i)),
                _ => fail(DecodeErrorKind::IntegerRange),
            },
            2 => Ok(Value::Bytes(self.counted(argument)?.to_vec())),
            3 => Ok(Value::Text(self.text(start, argument)?.to_owned())),
            4 => self.list(argument, depth),
            5 => self.map(argument, depth),
            _ if argument == LINK_TAG => self.link(start),
            _ => fail(DecodeErrorKind::Tag { tag: argument }),
        }
    }

    fn list(&mut self, count: u64, depth: usize) -> Result<Value, DecodeError> {
        let count = self.count(count, 1, depth)?;
        let mut items = Vec::with_capacity(count.min(MAX_RESERVED_ITEMS));
        for _ in 0..count {
            items.push(self.item(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, count: u64, depth: usize) -> Result<Value, DecodeError> {
        let start = self.at;
        let count = self.count(count, 2, depth)?;
        let mut map = Map::new();
        for _ in 0..count {
            let key_at = self.at;
            let key = self.key()?;
            let value = self.item(depth + 1)?;
            if !map.push_last(key.to_owned(), value) {
                let kind = DecodeErrorKind::KeyOrder {
                    key: key.to_owned(),
                };
                return Err(DecodeError {
                    offset: key_at,
                    kind,
                });
            }
        }
        self.resolve(map, start)
    }

    /// What a map stands for: itself, or a number.
    fn resolve(&self, map: Map, offset: usize) -> Result<Value, DecodeError> {
        let Some((key, _)) = map
            .iter()
            .find(|(key, _)| key.starts_with(RESERVED_KEY_PREFIX))
        else {
            return Ok(Value::Map(map));
        };
        if key != DECIMAL_KEY || map.len() != 1 {
            if self.limits.keys == Keys::Reserved && key != DECIMAL_KEY {
                return Ok(Value::Map(map));
            }
            let kind = DecodeErrorKind::ReservedKey {
                key: key.to_owned(),
            };
            return Err(DecodeError { offset, kind });
        }
        let fail = |source| DecodeError {
            offset,
            kind: DecodeErrorKind::Decimal { source },
        };
        let Some(Value::Text(text)) = map.get(DECIMAL_KEY) else {
            return Err(fail(None));
        };
        match Value::number(text.parse::<Decimal>().map_err(|error| fail(Some(error)))?) {
            Value::Integer(_) => Err(fail(None)),
            number => Ok(number),
        }
    }

    fn key(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.at;
        let first = self.take(1)?[0];
        if first >> 5 != 3 {
            return Err(DecodeError {
                offset: start,
                kind: DecodeErrorKind::KeyType,
            });
        }
        let length = self.argument(start, first & 0x1f)?;
        self.text(start, length)
    }

    fn link(&mut self, start: usize) -> Result<Value, DecodeError> {
        let fail = |source| DecodeError {
            offset: start,
            kind: DecodeErrorKind::Link { source },
        };
        let first = self.take(1)?[0];
        if first >> 5 != 2 {
            return Err(fail(None));
        }
        let length = self.argument(start, first & 0x1f)?;
        match self.counted(length)? {
            [0x00, cid @ ..] => Cid::from_bytes(cid)
                .map(Value::Link)
                .map_err(|error| fail(Some(error))),
            _ => Err(fail(None)),
        }
    }

    fn text(&mut self, start: usize, length: u64) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.counted(length)?).map_err(|_| DecodeError {
            offset: start,
            kind: DecodeErrorKind::Utf8,
        })
    }

    /// The number of items of a list or map, each of which takes at least `least` bytes.
    fn count(&self, count: u64, least: usize, depth: usize) -> Result<usize, DecodeError> {
        if depth >= self.limits.max_depth {
            return Err(self.error(DecodeErrorKind::Depth {
                max: self.limits.max_depth,
            }));
        }
        let room = (self.bytes.len() - self.at) / least;
        usize::try_from(count)
            .ok()
            .filter(|&count| count <= room)
            .ok_or_else(|| self.error(DecodeErrorKind::Truncated))
    }

    fn counted(&mut self, length: u64) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(length).map_err(|_| self.error(DecodeErrorKind::Truncated))?;
        self.take(length)
    }

    /// The argument of a head whose first byte was at `start`, in its shortest form.
    fn argument(&mut self, start: usize, info: u8) -> Result<u64, DecodeError> {
        let fail = |kind| {
            Err(DecodeError {
                offset: start,
                kind,
            })
        };
        let (width, least) = match info {
            0..=23 => return Ok(info.into()),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            31 => return fail(DecodeErrorKind::Indefinite),
            _ => return fail(DecodeErrorKind::Simple),
        };
        let argument = self
            .take(width)?
            .iter()
            .fold(0, |sum, &b| sum << 8 | u64::from(b));
        if argument < least {
            fail(DecodeErrorKind::NotShortest)
        } else {
            Ok(argument)
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        if rest.len() < length {
            return Err(self.error(DecodeErrorKind::Truncated));
        }
        self.at += length;
        Ok(&rest[..length])
    }
}

fn integer(argument: u64) -> Option<Value> {
    i64::try_from(argument).ok().map(Value::Integer)
}
