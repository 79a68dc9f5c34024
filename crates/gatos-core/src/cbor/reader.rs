//! Going through strict DAG-CBOR once, item by item; what becomes of the items is for others.
//!
//= spec/encoding.md#dag-cbor

use super::decode::Values;
use super::{DECIMAL_KEY, DecodeError, DecodeErrorKind, Keys, LINK_TAG, Limits};
use crate::cid::Cid;
use crate::decimal::Decimal;
use crate::value::{Value, key_byte_order};

/// What a reader makes of the items that it meets, in their order.
///
/// Whatever it made is dropped if a later byte is wrong.
pub(crate) trait Build {
    /// What an item becomes
    type Item;
    /// A list that is not complete
    type List;
    /// A map that is not complete
    type Map;
    /// Why it ends early: the bytes are wrong, or something of its own
    type Error: From<DecodeError>;

    /// An item that is neither list nor map.
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<Self::Item, Self::Error>;
    /// A list begins that will have `count` items.
    fn list(&mut self, count: usize) -> Result<Self::List, Self::Error>;
    /// The next item of a list.
    fn item(&mut self, list: &mut Self::List, item: Self::Item);
    /// A list is complete.
    fn end_list(&mut self, list: Self::List) -> Self::Item;
    /// A map begins that will have `count` entries.
    fn map(&mut self, count: usize) -> Result<Self::Map, Self::Error>;
    /// Whether these bytes are the key that the map's next entry has already, from another time:
    /// then they are known to be text.
    fn recalls(&self, _map: &mut Self::Map, _key: &[u8]) -> bool {
        false
    }
    /// Whether a key that is recalled is known to be behind the one before it, from that other time.
    fn recalls_order(&self, _map: &Self::Map) -> bool {
        false
    }
    /// A key of `length` bytes, before the item that it names is read.
    fn key(&mut self, _map: &mut Self::Map, _length: usize) -> Result<(), Self::Error> {
        Ok(())
    }
    /// The next entry of a map, whose key is after all before it; no key where it is recalled.
    fn entry(&mut self, map: &mut Self::Map, key: Option<&str>, item: Self::Item);
    /// Whether the next entry, whose key is recalled, is this text already; then it is complete.
    fn repeats(&mut self, _map: &mut Self::Map, _text: &[u8]) -> bool {
        false
    }
    /// As [`entry`](Self::entry), of an item that is neither list nor map.
    fn scalar_entry(
        &mut self,
        map: &mut Self::Map,
        key: Option<&str>,
        scalar: Scalar<'_>,
    ) -> Result<(), Self::Error> {
        let item = self.scalar(scalar)?;
        self.entry(map, key, item);
        Ok(())
    }
    /// A map is complete.
    fn end_map(&mut self, map: Self::Map) -> Self::Item;
}

/// An item that is neither list nor map.
#[derive(Debug)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number that is no 64-bit integer
    Decimal(Decimal),
    Text(&'a str),
    Bytes(&'a [u8]),
    Link(Cid),
}

/// Make something of the one item that `bytes` are.
pub(crate) fn read<B: Build>(
    bytes: &[u8],
    limits: &Limits,
    build: &mut B,
) -> Result<B::Item, B::Error> {
    if bytes.len() > limits.max_bytes {
        let kind = DecodeErrorKind::Size {
            found: bytes.len(),
            max: limits.max_bytes,
        };
        return Err(DecodeError { offset: 0, kind }.into());
    }
    let mut reader = Reader {
        rest: bytes,
        size: bytes.len(),
        items_left: limits.max_items,
        limits,
    };
    let item = reader.item(build, limits.max_depth)?;
    if reader.rest.is_empty() {
        Ok(item)
    } else {
        Err(reader.error(DecodeErrorKind::Trailing).into())
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

/// An item of which at least the head was read.
enum Begun<'a> {
    Scalar(Scalar<'a>),
    List((Mark, u64)),
    Map((Mark, u64)),
}

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
    fn item<B: Build>(&mut self, build: &mut B, levels: usize) -> Result<B::Item, B::Error> {
        match self.begin()? {
            Begun::Scalar(scalar) => build.scalar(scalar),
            Begun::List(head) => self.list(build, head, levels),
            Begun::Map(head) => self.map(build, head, levels),
        }
    }

    /// Pass over a short text that the builder has in this place already.
    #[inline]
    fn repeats<B: Build>(&mut self, build: &mut B, map: &mut B::Map) -> bool {
        let Some((&head, rest)) = self.rest.split_first() else {
            return false;
        };
        let length = usize::from(head ^ TEXT_HEAD);
        if length > SHORT_TEXT || self.items_left == 0 {
            return false;
        }
        let Some((text, rest)) = rest.split_at_checked(length) else {
            return false;
        };
        let repeats = build.repeats(map, text);
        if repeats {
            self.rest = rest;
            self.items_left = self.items_left.saturating_sub(1);
        }
        repeats
    }

    /// An item that is no list or map, or the head of one that is.
    #[inline]
    fn begin(&mut self) -> Result<Begun<'a>, DecodeError> {
        let start = self.mark();
        let Some(items_left) = self.items_left.checked_sub(1) else {
            let max = self.limits.max_items;
            return Err(self.error(DecodeErrorKind::Items { max }));
        };
        self.items_left = items_left;
        let (major, info) = self.head()?;
        if major == 7 {
            let scalar = simple(info).map_err(|kind| self.error_at(start, kind))?;
            return Ok(Begun::Scalar(scalar));
        }
        let argument = self.argument(start, info)?;
        Ok(Begun::Scalar(match major {
            0 => Scalar::Integer(self.integer(start, argument)?),
            1 => Scalar::Integer(!self.integer(start, argument)?),
            2 => Scalar::Bytes(self.take(start, argument)?),
            3 => Scalar::Text(self.text(start, argument)?),
            4 => return Ok(Begun::List((start, argument))),
            5 => return Ok(Begun::Map((start, argument))),
            _ if argument == LINK_TAG => Scalar::Link(self.link(start)?),
            _ => return Err(self.error_at(start, DecodeErrorKind::Tag { tag: argument })),
        }))
    }

    fn integer(&self, start: Mark, argument: u64) -> Result<i64, DecodeError> {
        i64::try_from(argument).map_err(|_| self.error_at(start, DecodeErrorKind::IntegerRange))
    }

    fn list<B: Build>(
        &mut self,
        build: &mut B,
        (start, count): (Mark, u64),
        levels: usize,
    ) -> Result<B::Item, B::Error> {
        let inner = self.descend(start, levels)?;
        let count = self.count(start, count, 1)?;
        let mut list = build.list(count)?;
        for _ in 0..count {
            let item = self.item(build, inner)?;
            build.item(&mut list, item);
        }
        Ok(build.end_list(list))
    }

    fn map<B: Build>(
        &mut self,
        build: &mut B,
        (start, count): (Mark, u64),
        levels: usize,
    ) -> Result<B::Item, B::Error> {
        let inner = self.descend(start, levels)?;
        let count = self.count(start, count, 2)?;
        if let (1, Some(rest)) = (count, self.rest.strip_prefix(DECIMAL_HEAD)) {
            self.rest = rest;
            let text = self.item(&mut Values, inner)?;
            let number = number(&text).map_err(|kind| self.error_at(start, kind))?;
            return build.scalar(Scalar::Decimal(number));
        }
        let mut map = build.map(count)?;
        let (mut last, mut reserved) = (None, None);
        for _ in 0..count {
            let key_at = self.mark();
            let bytes = self.key()?;
            let key = if build.recalls(&mut map, bytes) {
                None
            } else {
                Some(self.utf8(key_at, bytes)?)
            };
            if !build.recalls_order(&map)
                && last.is_some_and(|last| key_byte_order(last, bytes).is_ge())
            {
                let key = self.utf8(key_at, bytes)?.to_owned();
                return Err(self
                    .error_at(key_at, DecodeErrorKind::KeyOrder { key })
                    .into());
            }
            last = Some(bytes);
            if reserved.is_none() && self.is_reserved(bytes) {
                reserved = Some(bytes);
            }
            build.key(&mut map, bytes.len())?;
            if key.is_none() && self.repeats(build, &mut map) {
                continue;
            }
            let item = match self.begin()? {
                Begun::Scalar(scalar) => {
                    build.scalar_entry(&mut map, key, scalar)?;
                    continue;
                }
                Begun::List(head) => self.list(build, head, inner)?,
                Begun::Map(head) => self.map(build, head, inner)?,
            };
            build.entry(&mut map, key, item);
        }
        if let Some(key) = reserved {
            let key = self.utf8(start, key)?.to_owned();
            return Err(self
                .error_at(start, DecodeErrorKind::ReservedKey { key })
                .into());
        }
        Ok(build.end_map(map))
    }

    #[inline]
    fn is_reserved(&self, key: &[u8]) -> bool {
        match self.limits.keys {
            Keys::Reserved => key == DECIMAL_KEY.as_bytes(),
            Keys::Users => key.first() == Some(&RESERVED_KEY_PREFIX),
        }
    }

    /// The bytes of a key, which may be no text.
    #[inline]
    fn key(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.mark();
        let (major, info) = self.head()?;
        if major != 3 {
            return Err(self.error_at(start, DecodeErrorKind::KeyType));
        }
        let length = self.argument(start, info)?;
        self.take(start, length)
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
        self.utf8(start, bytes)
    }

    fn utf8<'b>(&self, start: Mark, bytes: &'b [u8]) -> Result<&'b str, DecodeError> {
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
    #[inline]
    fn argument(&mut self, start: Mark, info: u8) -> Result<u64, DecodeError> {
        if info < 24 {
            return Ok(info.into());
        }
        self.long_argument(start, info)
    }

    fn long_argument(&mut self, start: Mark, info: u8) -> Result<u64, DecodeError> {
        let (width, least) = match info {
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

    #[inline]
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

/// [`RESERVED_KEY_PREFIX`](crate::value::RESERVED_KEY_PREFIX) as a byte.
const RESERVED_KEY_PREFIX: u8 = b'$';

/// The head of an empty text; that of one of at most [`SHORT_TEXT`] bytes is this and its length.
const TEXT_HEAD: u8 = 0x60;
/// Longest text whose length is in the first byte.
const SHORT_TEXT: usize = 23;

/// The key of a decimal, as it stands in the bytes.
const DECIMAL_HEAD: &[u8] = b"\x64$dec";

const fn simple(info: u8) -> Result<Scalar<'static>, DecodeErrorKind> {
    match info {
        20 => Ok(Scalar::Bool(false)),
        21 => Ok(Scalar::Bool(true)),
        22 => Ok(Scalar::Null),
        25..=27 => Err(DecodeErrorKind::Float),
        28..=30 => Err(DecodeErrorKind::Head),
        31 => Err(DecodeErrorKind::Indefinite),
        _ => Err(DecodeErrorKind::Simple),
    }
}

/// The number that a map `{"$dec": text}` is.
fn number(text: &Value) -> Result<Decimal, DecodeErrorKind> {
    let Value::Text(text) = text else {
        return Err(DecodeErrorKind::DecimalForm);
    };
    match text.parse::<Decimal>() {
        Ok(number) if number.to_i64().is_some() => Err(DecodeErrorKind::DecimalForm),
        Ok(number) => Ok(number),
        Err(cause) => Err(DecodeErrorKind::Decimal { cause }),
    }
}
