//! What two states hold differently, read from the blocks that differ.
//!
//! Equal values have equal trees, so whatever two trees share is left aside without being read.

use super::build::{digit, key_hash, part_width};
use super::load::{Kind, Node, Reader, node, node_count};
use super::path::{StatePath, Step};
use super::{FANOUT, Fetch, LIST_KEY, StateError};
use crate::cbor::encoded_len;
use crate::cid::Cid;
use crate::value::{Map, Value, key_order};

/// Most values of a list or map that is listed as it is.
const MAX_LISTED_VALUES: usize = 256;
/// Longest encoding of a value that is listed as it is, in bytes.
const MAX_LISTED_BYTES: usize = 4096;

/// What two states hold differently.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Diff {
    /// The differences, as many as were asked for, by path
    pub listed: Vec<Difference>,
    /// How many there are
    pub count: u64,
}

/// A place where two states differ, and none inside of it is common to both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The place
    pub path: StatePath,
    /// What stood there; nothing if it was added
    pub old: Option<Side>,
    /// What stands there; nothing if it was removed
    pub new: Option<Side>,
}

/// What stands at a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Side {
    /// This value
    Value(Value),
    /// A value that is too large to be listed
    Large {
        /// Its kind: `map`, `list`, `text` or `bytes`
        kind: &'static str,
        /// Number of entries, items or bytes
        size: u64,
    },
}

/// Compare the states with the roots `old` and `new`; at most `limit` differences are listed.
pub(super) fn diff(
    (old, old_fetch): (Cid, &Fetch<'_>),
    (new, new_fetch): (Cid, &Fetch<'_>),
    limit: usize,
) -> Result<Diff, StateError> {
    let mut differ = Differ {
        sides: [old_fetch, new_fetch],
        readers: [Reader::new(old_fetch), Reader::new(new_fetch)],
        path: Vec::new(),
        limit,
        diff: Diff::default(),
    };
    if old != new {
        let [a, b] = &mut differ.readers;
        let (a, b) = (a.block(old)?, b.block(new)?);
        differ.bodies((old, a), (new, b))?;
    }
    differ.diff.listed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(differ.diff)
}

struct Differ<'f> {
    sides: [&'f Fetch<'f>; 2],
    readers: [Reader<'f>; 2],
    path: Vec<Step>,
    limit: usize,
    diff: Diff,
}

/// A body or child, and the block that it stands in.
type Standing = (Cid, Value);
/// A list or map, or a part of one, and the block that it stands in.
type Part = (Cid, Node);

#[derive(Eq, PartialEq)]
enum Shape {
    Scalar,
    List,
    Map,
}

fn shape(body: &Value) -> Shape {
    match body {
        Value::List(_) => Shape::List,
        Value::Map(map) if map.get(LIST_KEY).is_some() => Shape::List,
        Value::Map(_) => Shape::Map,
        _ => Shape::Scalar,
    }
}

impl Differ<'_> {
    fn children(&mut self, old: Standing, new: Standing) -> Result<(), StateError> {
        if old.1 == new.1 {
            return Ok(());
        }
        let [a, b] = &mut self.readers;
        let old = a.follow(old.0, old.1)?;
        let new = b.follow(new.0, new.1)?;
        self.bodies(old, new)
    }

    fn bodies(&mut self, old: Standing, new: Standing) -> Result<(), StateError> {
        if old.1 == new.1 {
            return Ok(());
        }
        match (shape(&old.1), shape(&new.1)) {
            (Shape::Map, Shape::Map) => {
                let (old, new) = ((old.0, node(old.0, old.1)?), (new.0, node(new.0, new.1)?));
                self.maps(old, new, 0)
            }
            (Shape::List, Shape::List) => {
                let (old, new) = ((old.0, node(old.0, old.1)?), (new.0, node(new.0, new.1)?));
                self.lists(old, new, 0)
            }
            _ => self.note(Some(old), Some(new)),
        }
    }

    fn maps(&mut self, old: Part, new: Part, depth: usize) -> Result<(), StateError> {
        match (old, new) {
            ((old, Node::Map(a)), (new, Node::Map(b))) => self.entries((old, a), (new, b)),
            (old, new) => {
                let old = map_parts(old, depth)?;
                let new = map_parts(new, depth)?;
                for (old, new) in old.into_iter().zip(new) {
                    if old.1 == new.1 {
                        continue;
                    }
                    let [a, b] = &mut self.readers;
                    let (old, new) = (map_part(a, old)?, map_part(b, new)?);
                    self.maps(old, new, depth.saturating_add(1))?;
                }
                Ok(())
            }
        }
    }

    fn entries(&mut self, (old, a): (Cid, Map), (new, b): (Cid, Map)) -> Result<(), StateError> {
        let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
        loop {
            let order = match (a.peek(), b.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) => key_order(a, b),
            };
            let was = order.is_le().then(|| a.next()).flatten();
            let is = order.is_ge().then(|| b.next()).flatten();
            let key = was.as_ref().or(is.as_ref()).map(|(key, _)| key.clone());
            self.path.push(Step::Key(key.unwrap_or_default()));
            let was = was.map(|(_, child)| (old, child));
            let is = is.map(|(_, child)| (new, child));
            self.both(was, is)?;
            self.path.pop();
        }
    }

    fn both(&mut self, old: Option<Standing>, new: Option<Standing>) -> Result<(), StateError> {
        match (old, new) {
            (Some(old), Some(new)) => self.children(old, new),
            (old, new) => self.note(old, new),
        }
    }

    /// Compare two lists, or parts of lists that begin at the same place `first`.
    fn lists(&mut self, old: Part, new: Part, first: u64) -> Result<(), StateError> {
        let ((old, a), (new, b)) = match (old, new) {
            ((old, Node::List(a)), (new, Node::List(b))) => {
                return self.items((old, a), (new, b), first);
            }
            sides => sides,
        };
        let width = [&a, &b].map(split_width).into_iter().max().unwrap_or(1);
        let mut old = list_parts((old, a), width)?.into_iter();
        let mut new = list_parts((new, b), width)?.into_iter();
        let mut at = first;
        loop {
            let [a, b] = &mut self.readers;
            match (old.next(), new.next()) {
                (None, None) => return Ok(()),
                (Some(ListPart::Stored(_, was)), Some(ListPart::Stored(_, is))) if was == is => {}
                (was, is) => {
                    let (was, is) = (list_part(a, was)?, list_part(b, is)?);
                    self.lists(was, is, at)?;
                }
            }
            at = at.saturating_add(u64::try_from(width).unwrap_or(u64::MAX));
        }
    }

    fn items(
        &mut self,
        (old, a): (Cid, Vec<Value>),
        (new, b): (Cid, Vec<Value>),
        first: u64,
    ) -> Result<(), StateError> {
        let count = a.len().max(b.len());
        let (mut a, mut b) = (a.into_iter(), b.into_iter());
        for place in (first.saturating_add(1)..).take(count) {
            self.path.push(Step::Index(place));
            let was = a.next().map(|child| (old, child));
            let is = b.next().map(|child| (new, child));
            self.both(was, is)?;
            self.path.pop();
        }
        Ok(())
    }

    fn note(&mut self, old: Option<Standing>, new: Option<Standing>) -> Result<(), StateError> {
        self.diff.count = self.diff.count.saturating_add(1);
        if self.diff.listed.len() < self.limit {
            let [a, b] = self.sides;
            let old = old.map(|old| side(a, old)).transpose()?;
            let new = new.map(|new| side(b, new)).transpose()?;
            let path = self.path.iter().cloned().collect();
            self.diff.listed.push(Difference { path, old, new });
        }
        Ok(())
    }
}

/// The value of a child, as far as it is listed.
fn side(fetch: &Fetch<'_>, (cid, child): Standing) -> Result<Side, StateError> {
    let mut reader = Reader::within(fetch, MAX_LISTED_VALUES);
    match reader.value(cid, child.clone(), 0) {
        Ok(value) if encoded_len(&value) <= MAX_LISTED_BYTES => return Ok(Side::Value(value)),
        Ok(_) | Err(StateError::TooLarge { .. }) => {}
        Err(error) => return Err(error),
    }
    let (cid, body) = Reader::new(fetch).follow(cid, child)?;
    let (kind, size) = match node(cid, body)? {
        Node::Scalar(Value::Text(text)) => ("text", text.len()),
        Node::Scalar(Value::Bytes(bytes)) => ("bytes", bytes.len()),
        Node::Scalar(other) => return Ok(Side::Value(other)),
        Node::Elsewhere(_) => return Err(StateError::Shape { cid }),
        at @ (Node::List(_) | Node::Split { of: Kind::List, .. }) => ("list", node_count(&at)),
        at @ (Node::Map(_) | Node::Split { of: Kind::Map, .. }) => ("map", node_count(&at)),
    };
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    Ok(Side::Large { kind, size })
}

/// The parts of a map at this depth; one that is not split is split now.
fn map_parts((cid, at): Part, depth: usize) -> Result<Vec<Standing>, StateError> {
    match at {
        Node::Split {
            of: Kind::Map,
            parts,
            ..
        } if parts.len() == FANOUT => Ok(parts.into_iter().map(|part| (cid, part)).collect()),
        Node::Map(map) => {
            let mut parts = vec![Map::new(); FANOUT];
            for (key, child) in map {
                if let Some(part) = parts.get_mut(digit(&key_hash(&key), depth)) {
                    part.push_last(key, child);
                }
            }
            Ok(parts
                .into_iter()
                .map(|part| (cid, Value::Map(part)))
                .collect())
        }
        _ => Err(StateError::Shape { cid }),
    }
}

fn map_part(reader: &mut Reader<'_>, (cid, part): Standing) -> Result<Part, StateError> {
    match part {
        Value::Null => Ok((cid, Node::Map(Map::new()))),
        part => reader.part(cid, part),
    }
}

/// A part of a list.
enum ListPart {
    /// As it is stored
    Stored(Cid, Value),
    /// Items of a list that is not split so far
    Cut(Part),
}

/// Items in a part of a split list; of one that is not split, one item at a time would do.
fn split_width(at: &Node) -> usize {
    match at {
        Node::Split { .. } => part_width(node_count(at)),
        _ => 1,
    }
}

/// The parts of a list if it had parts of `width` items, which its own parts do not exceed.
fn list_parts((cid, at): Part, width: usize) -> Result<Vec<ListPart>, StateError> {
    let own = split_width(&at);
    match at {
        Node::Split {
            of: Kind::List,
            parts,
            ..
        } if own == width => Ok(parts
            .into_iter()
            .map(|part| ListPart::Stored(cid, part))
            .collect()),
        at @ Node::Split { of: Kind::List, .. } => Ok(vec![ListPart::Cut((cid, at))]),
        Node::List(items) => {
            let chunks = items.chunks(width.max(1));
            Ok(chunks
                .map(|items| ListPart::Cut((cid, Node::List(items.to_vec()))))
                .collect())
        }
        _ => Err(StateError::Shape { cid }),
    }
}

fn list_part(reader: &mut Reader<'_>, part: Option<ListPart>) -> Result<Part, StateError> {
    match part {
        None => Ok((Cid::of_dag_cbor(&[]), Node::List(Vec::new()))),
        Some(ListPart::Stored(cid, part)) => reader.part(cid, part),
        Some(ListPart::Cut(part)) => Ok(part),
    }
}
