//! Blocks to value, whole or one path.
//!
//= spec/state.md#reading

use super::build::{build, digit, key_hash, part_width};
use super::path::{StatePath, Step};
use super::{
    FANOUT, Fetch, LIST_KEY, MAP_KEY, MAX_STATE_BLOCK_BYTES, MAX_STATE_VALUES, NODE_KEY, StateError,
};
use crate::cbor::{self, Keys, Limits, MAX_DEPTH};
use crate::cid::{Cid, Codec};
use crate::value::{Map, RESERVED_KEY_PREFIX, Value};

/// Deepest nesting inside one block: that of a value, with room for the format's own lists.
const MAX_BLOCK_DEPTH: usize = 4 * MAX_DEPTH;
/// Digits of a key's hash.
const HASH_DIGITS: usize = 64;

/// The value of a tree in its one form.
pub(super) fn load(root: Cid, fetch: &Fetch<'_>) -> Result<Value, StateError> {
    let mut reader = Reader::new(fetch);
    let body = reader.block(root)?;
    let value = reader.value(root, body, 0)?;
    let canonical = build(&value).root;
    if canonical == root {
        Ok(value)
    } else {
        Err(StateError::NotCanonical { root, canonical })
    }
}

/// The value at a path.
pub(super) fn get(
    root: Cid,
    path: &StatePath,
    fetch: &Fetch<'_>,
) -> Result<Option<Value>, StateError> {
    let mut reader = Reader::new(fetch);
    let mut at = Some((root, reader.block(root)?));
    for step in path.steps() {
        let Some((cid, body)) = at else {
            return Ok(None);
        };
        at = match step {
            Step::Key(key) => reader.entry(cid, body, key)?,
            Step::Index(index) => reader.item(cid, body, *index)?,
        };
        at = match at {
            Some((cid, child)) => Some(reader.follow(cid, child)?),
            None => None,
        };
    }
    at.map(|(cid, body)| reader.value(cid, body, 0)).transpose()
}

/// The ids of the blocks that a block of a state tree refers to as its parts; links that belong to
/// the value itself are not among them.
///
/// # Errors
/// Bytes that are no block of a state tree.
pub fn children(cid: Cid, block: &[u8]) -> Result<Vec<Cid>, StateError> {
    let mut found = Vec::new();
    let mut pending = vec![decode(cid, block)?];
    while let Some(value) = pending.pop() {
        match node(cid, value)? {
            Node::Elsewhere(link) => found.push(link),
            Node::Split { parts, .. } => {
                for part in parts {
                    match part {
                        Value::Link(link) => found.push(link),
                        Value::Null => {}
                        inline => pending.push(inline),
                    }
                }
            }
            Node::List(items) => pending.extend(items),
            Node::Map(map) => pending.extend(map.into_iter().map(|(_, value)| value)),
            Node::Scalar(_) => {}
        }
    }
    Ok(found)
}

/// What stands in a block, or in a place of one.
pub(super) enum Node {
    Scalar(Value),
    List(Vec<Value>),
    Map(Map),
    /// A value in a block of its own
    Elsewhere(Cid),
    Split {
        of: Kind,
        count: u64,
        parts: Vec<Value>,
    },
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Kind {
    List,
    Map,
}

pub(super) fn decode(cid: Cid, block: &[u8]) -> Result<Value, StateError> {
    let limits = Limits {
        max_bytes: MAX_STATE_BLOCK_BYTES,
        max_depth: MAX_BLOCK_DEPTH,
        keys: Keys::Reserved,
        ..Limits::default()
    };
    cbor::decode_with(block, &limits).map_err(|source| StateError::Encoding { cid, source })
}

pub(super) fn node(cid: Cid, value: Value) -> Result<Node, StateError> {
    let shape = StateError::Shape { cid };
    let map = match value {
        Value::List(items) => return Ok(Node::List(items)),
        Value::Map(map) => map,
        scalar => return Ok(Node::Scalar(scalar)),
    };
    let reserved = map
        .iter()
        .find(|(key, _)| key.starts_with(RESERVED_KEY_PREFIX));
    let Some((key, _)) = reserved else {
        return Ok(Node::Map(map));
    };
    let kind = match key {
        NODE_KEY => None,
        LIST_KEY => Some(Kind::List),
        MAP_KEY => Some(Kind::Map),
        _ => return Err(shape),
    };
    let mut values = map.into_iter().map(|(_, value)| value);
    match (kind, values.next(), values.next()) {
        (None, Some(Value::Link(link)), None) => Ok(Node::Elsewhere(link)),
        (Some(of), Some(Value::List(fields)), None) => {
            let mut fields = fields.into_iter();
            match (fields.next(), fields.next(), fields.next()) {
                (Some(Value::Integer(count)), Some(Value::List(parts)), None)
                    if parts.len() <= FANOUT =>
                {
                    let count = u64::try_from(count).map_err(|_| shape)?;
                    Ok(Node::Split { of, count, parts })
                }
                _ => Err(shape),
            }
        }
        _ => Err(shape),
    }
}

pub(super) struct Reader<'a> {
    fetch: &'a Fetch<'a>,
    /// Values that may still be read
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(fetch: &'a Fetch<'a>) -> Self {
        Self::within(fetch, MAX_STATE_VALUES)
    }

    /// A reader of so many values at most.
    pub(super) const fn within(fetch: &'a Fetch<'a>, left: usize) -> Self {
        Self { fetch, left }
    }

    pub(super) fn block(&mut self, cid: Cid) -> Result<Value, StateError> {
        self.spend(1)?;
        if cid.codec() != Codec::DagCbor {
            return Err(StateError::Shape { cid });
        }
        let bytes = (self.fetch)(&cid).ok_or(StateError::Missing { cid })?;
        if !cid.names(&bytes) {
            return Err(StateError::Damaged { cid });
        }
        decode(cid, &bytes)
    }

    pub(super) fn spend(&mut self, values: usize) -> Result<(), StateError> {
        self.left = self.left.checked_sub(values).ok_or(StateError::TooLarge {
            max: MAX_STATE_VALUES,
            what: "values",
        })?;
        Ok(())
    }

    /// The block and the body that a child stands for.
    pub(super) fn follow(&mut self, cid: Cid, child: Value) -> Result<(Cid, Value), StateError> {
        match node_link(&child) {
            Some(link) => Ok((link, self.block(link)?)),
            None => Ok((cid, child)),
        }
    }

    /// The whole value of a body that stands in block `cid`.
    pub(super) fn value(
        &mut self,
        cid: Cid,
        body: Value,
        depth: usize,
    ) -> Result<Value, StateError> {
        if depth > MAX_DEPTH {
            return Err(StateError::TooLarge {
                max: MAX_DEPTH,
                what: "levels",
            });
        }
        let (cid, body) = self.follow(cid, body)?;
        let next = depth.saturating_add(1);
        match node(cid, body)? {
            Node::Scalar(scalar) => Ok(scalar),
            Node::List(items) => self.items(cid, items, next).map(Value::List),
            Node::Map(map) => self
                .entries(cid, map, next)
                .map(|e| Value::Map(e.into_iter().collect())),
            Node::Split {
                of: Kind::List,
                parts,
                ..
            } => self.split_list(cid, parts, next).map(Value::List),
            Node::Split {
                of: Kind::Map,
                parts,
                ..
            } => self.split_map(cid, parts, next),
            // A link right behind a link is never made.
            Node::Elsewhere(_) => Err(StateError::Shape { cid }),
        }
    }

    fn items(
        &mut self,
        cid: Cid,
        items: Vec<Value>,
        depth: usize,
    ) -> Result<Vec<Value>, StateError> {
        self.spend(items.len())?;
        items
            .into_iter()
            .map(|item| self.value(cid, item, depth))
            .collect()
    }

    fn entries(
        &mut self,
        cid: Cid,
        map: Map,
        depth: usize,
    ) -> Result<Vec<(String, Value)>, StateError> {
        self.spend(map.len())?;
        map.into_iter()
            .map(|(key, value)| Ok((key, self.value(cid, value, depth)?)))
            .collect()
    }

    /// A part of a split list or map, with the block that it stands in.
    pub(super) fn part(&mut self, cid: Cid, part: Value) -> Result<(Cid, Node), StateError> {
        let (cid, body) = match part {
            Value::Link(link) => (link, self.block(link)?),
            inline => (cid, inline),
        };
        Ok((cid, node(cid, body)?))
    }

    fn split_list(
        &mut self,
        cid: Cid,
        parts: Vec<Value>,
        depth: usize,
    ) -> Result<Vec<Value>, StateError> {
        let mut out = Vec::new();
        let mut pending: Vec<_> = parts.into_iter().rev().map(|part| (cid, part)).collect();
        while let Some((cid, part)) = pending.pop() {
            self.spend(1)?;
            match self.part(cid, part)? {
                (cid, Node::List(items)) => out.extend(self.items(cid, items, depth)?),
                (
                    cid,
                    Node::Split {
                        of: Kind::List,
                        parts,
                        ..
                    },
                ) => {
                    pending.extend(parts.into_iter().rev().map(|part| (cid, part)));
                }
                (cid, _) => return Err(StateError::Shape { cid }),
            }
        }
        Ok(out)
    }

    fn split_map(
        &mut self,
        cid: Cid,
        parts: Vec<Value>,
        depth: usize,
    ) -> Result<Value, StateError> {
        let mut out = Vec::new();
        let mut pending: Vec<_> = parts.into_iter().map(|part| (cid, part)).collect();
        while let Some((cid, part)) = pending.pop() {
            self.spend(1)?;
            if part == Value::Null {
                continue;
            }
            match self.part(cid, part)? {
                (cid, Node::Map(map)) => out.extend(self.entries(cid, map, depth)?),
                (
                    cid,
                    Node::Split {
                        of: Kind::Map,
                        parts,
                        ..
                    },
                ) => {
                    pending.extend(parts.into_iter().map(|part| (cid, part)));
                }
                (cid, _) => return Err(StateError::Shape { cid }),
            }
        }
        Ok(Value::Map(out.into_iter().collect()))
    }

    /// The children of a list's body, each with the block that it stands in.
    pub(super) fn list_children(
        &mut self,
        cid: Cid,
        body: Node,
    ) -> Result<Vec<(Cid, Value)>, StateError> {
        let mut children = Vec::new();
        let mut pending = vec![(cid, body)];
        while let Some((cid, at)) = pending.pop() {
            match at {
                Node::List(items) => children.extend(items.into_iter().map(|item| (cid, item))),
                Node::Split {
                    of: Kind::List,
                    parts,
                    ..
                } => {
                    for part in parts.into_iter().rev() {
                        pending.push(self.part(cid, part)?);
                    }
                }
                _ => return Err(StateError::Shape { cid }),
            }
        }
        Ok(children)
    }

    /// The child at a key of a map.
    pub(super) fn entry(
        &mut self,
        cid: Cid,
        body: Value,
        key: &str,
    ) -> Result<Option<(Cid, Value)>, StateError> {
        let hash = key_hash(key);
        let (mut cid, mut at) = (cid, node(cid, body)?);
        for depth in 0..HASH_DIGITS {
            let parts = match at {
                Node::Map(mut map) => return Ok(map.remove(key).map(|child| (cid, child))),
                Node::Split {
                    of: Kind::Map,
                    parts,
                    ..
                } => parts,
                _ => return Ok(None),
            };
            match parts.into_iter().nth(digit(&hash, depth)) {
                None | Some(Value::Null) => return Ok(None),
                Some(part) => (cid, at) = self.part(cid, part)?,
            }
        }
        Err(StateError::Shape { cid })
    }

    /// The child at a place, counted from 1, of a list.
    pub(super) fn item(
        &mut self,
        cid: Cid,
        body: Value,
        index: u64,
    ) -> Result<Option<(Cid, Value)>, StateError> {
        let (mut cid, mut at) = (cid, node(cid, body)?);
        let Some(mut index) = index.checked_sub(1).and_then(|i| usize::try_from(i).ok()) else {
            return Ok(None);
        };
        loop {
            match at {
                Node::List(items) => {
                    return Ok(items.into_iter().nth(index).map(|child| (cid, child)));
                }
                Node::Split {
                    of: Kind::List,
                    count,
                    parts,
                } => {
                    let count = usize::try_from(count).unwrap_or(usize::MAX);
                    if index >= count {
                        return Ok(None);
                    }
                    let width = part_width(count);
                    let part = index
                        .checked_div(width)
                        .and_then(|at| parts.into_iter().nth(at));
                    index = index.checked_rem(width).unwrap_or(0);
                    let part = part.ok_or(StateError::Shape { cid })?;
                    (cid, at) = self.part(cid, part)?;
                }
                _ => return Ok(None),
            }
        }
    }
}

/// How many children a list or map has.
pub(super) fn node_count(node: &Node) -> usize {
    match node {
        Node::List(items) => items.len(),
        Node::Map(map) => map.len(),
        Node::Split { count, .. } => usize::try_from(*count).unwrap_or(usize::MAX),
        Node::Scalar(_) | Node::Elsewhere(_) => 0,
    }
}

/// The block that a child stands for, where it is not inline.
fn node_link(child: &Value) -> Option<Cid> {
    let Value::Map(map) = child else {
        return None;
    };
    match map.get(NODE_KEY) {
        Some(Value::Link(link)) if map.len() == 1 => Some(*link),
        _ => None,
    }
}
