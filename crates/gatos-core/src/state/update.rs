//! A tree from the one before it and what changed: only blocks on the way to a change are read and
//! made. The result is that of building anew, which a test compares.

use super::build::{Builder, LIST, MAP, digit, head_len, key_hash, part_width, write_split};
use super::compare::{Change, EntryChange};
use super::load::{Kind, Node, Reader, decode, node, node_count};
use super::memo::Revision;
use super::{FANOUT, Fetch, LIST_KEY, MAP_KEY, MAX_INLINE_PART_BYTES, MAX_PLAIN_BYTES, StateError};
use crate::cbor::{encoded_len, write, write_count, write_text};
use crate::cid::Cid;
use crate::value::{Map, Value, key_order};

/// A split map of more entries stays split whatever becomes shorter: each has two bytes or more.
const MAX_PLAIN_ENTRIES: usize = MAX_PLAIN_BYTES / 2;
/// A split list of more items stays split: each has a byte or more.
const MAX_PLAIN_ITEMS: usize = MAX_PLAIN_BYTES;

/// Longest head of a list or map that is not split.
const MAX_HEAD_BYTES: usize = 3;
/// A part with a block of its own has at least so many bytes of entries or items.
const LEAST_PART_BYTES: usize = MAX_INLINE_PART_BYTES - MAX_HEAD_BYTES;

/// The tree that `change` makes of the one below `root`.
pub(super) fn update(
    root: Cid,
    change: &Change<'_>,
    fetch: &Fetch<'_>,
) -> Result<Revision, StateError> {
    let mut update = Update {
        reader: Reader::new(fetch),
        builder: Builder::default(),
    };
    let mut body = Vec::new();
    let old = update.reader.block(root)?;
    update.body((root, old), change, &mut body)?;
    let root = update.builder.store(body);
    Ok(Revision {
        root,
        blocks: update.builder.blocks,
    })
}

struct Update<'f> {
    reader: Reader<'f>,
    builder: Builder,
}

/// A body or child, and the block that it stands in.
type Standing = (Cid, Value);

/// A change of an entry, and where the entry belongs.
struct Edit<'c, 'a> {
    hash: [u8; 32],
    key: &'c str,
    change: &'c EntryChange<'a>,
}

/// What an update did to the entries of a map, or of a part of it.
#[derive(Clone, Copy)]
struct Tally {
    /// Entries that there are now
    count: usize,
    /// Whether entries or bytes of them went away, so that a part may be small enough to be plain
    shrunk: bool,
}

impl Update<'_> {
    /// Write the body of the value that `change` makes of the one with body `old`.
    fn body(
        &mut self,
        (cid, old): Standing,
        change: &Change<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        match change {
            Change::Other(value) => {
                self.builder.body(value, out);
                Ok(())
            }
            Change::Map(entries) => {
                let edit = |(key, change)| Edit {
                    hash: key_hash(key),
                    key,
                    change,
                };
                let mut edits: Vec<_> = entries
                    .iter()
                    .map(|(key, change)| edit((key.as_str(), change)))
                    .collect();
                edits.sort_unstable_by_key(|edit| edit.hash);
                let old = node(cid, old)?;
                self.map((cid, old), &mut edits, 0, out).map(|_| ())
            }
            Change::List(items, changes) => {
                let (was, old) = self.list_of(cid, old)?;
                let span = Span {
                    first: 0,
                    was,
                    now: items,
                };
                self.list((cid, old), span, changes, out)
            }
        }
    }

    /// Write the child of the value that `change` makes of the one with child `old`.
    fn child(
        &mut self,
        (cid, old): Standing,
        change: &Change<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        let begin = out.len();
        let old = self.reader.follow(cid, old)?;
        self.body(old, change, out)?;
        self.builder.settle_child(begin, out);
        Ok(())
    }

    /// Write the map body at `depth` that `edits` make of the one of `old`.
    fn map(
        &mut self,
        (cid, old): (Cid, Node),
        edits: &mut [Edit<'_, '_>],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<Tally, StateError> {
        match old {
            Node::Map(old) => self.plain_map((cid, old), edits, depth, out),
            Node::Split {
                of: Kind::Map,
                count,
                parts,
            } => self.split_map((cid, count, parts), edits, depth, out),
            _ => Err(StateError::Shape { cid }),
        }
    }

    fn plain_map(
        &mut self,
        (cid, old): (Cid, Map),
        edits: &mut [Edit<'_, '_>],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<Tally, StateError> {
        edits.sort_unstable_by(|a, b| key_order(a.key, b.key));
        let begin = out.len();
        let old_count = old.len();
        let was = encoded_len(&Value::Map(old.clone())).saturating_sub(head_len(old_count));
        let (mut keys, mut starts) = (Vec::new(), Vec::new());
        let mut body = Vec::new();
        let mut edits = edits.iter().peekable();
        let mut old = old.into_iter().peekable();
        loop {
            let order = match (old.peek(), edits.peek()) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((key, _)), Some(edit)) => key_order(key, edit.key),
            };
            let entry = order.is_le().then(|| old.next()).flatten();
            let edit = order.is_ge().then(|| edits.next()).flatten();
            let start = body.len();
            let key = match (entry, edit.map(|edit| (edit.key, edit.change))) {
                (Some((key, child)), None) => {
                    write_text(&mut body, &key);
                    write(&mut body, &child);
                    key
                }
                (Some(_), Some((_, EntryChange::Removed))) => continue,
                (Some((key, child)), Some((_, EntryChange::Changed(change)))) => {
                    write_text(&mut body, &key);
                    self.child((cid, child), change, &mut body)?;
                    key
                }
                (None, Some((key, EntryChange::Added(value)))) => {
                    write_text(&mut body, key);
                    self.builder.child(value, &mut body);
                    key.to_owned()
                }
                // The block holds another value than the one that is remembered.
                _ => return Err(StateError::Shape { cid }),
            };
            starts.push(start);
            keys.push(key);
        }
        write_count(out, MAP, starts.len());
        let (shift, is) = (out.len(), body.len());
        out.append(&mut body);
        starts
            .iter_mut()
            .for_each(|start| *start = start.saturating_add(shift));
        let keys = keys.iter().map(String::as_str);
        self.builder.settle_map(begin, (&starts, keys), depth, out);
        let count = starts.len();
        let shrunk = count < old_count || is < was;
        Ok(Tally { count, shrunk })
    }

    fn split_map(
        &mut self,
        (cid, count, parts): (Cid, u64, Vec<Value>),
        edits: &mut [Edit<'_, '_>],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<Tally, StateError> {
        let mut count = usize::try_from(count).unwrap_or(usize::MAX);
        let (mut shrunk, mut least) = (false, 0_usize);
        // The head says how many entries there are, which is known when the parts are.
        let mut body = Vec::new();
        let mut rest = edits;
        for (nibble, part) in parts.into_iter().enumerate() {
            let end = rest.partition_point(|edit| digit(&edit.hash, depth) <= nibble);
            let (edits, behind) = rest.split_at_mut(end);
            rest = behind;
            if edits.is_empty() {
                least = least.saturating_add(least_bytes(&part));
                write(&mut body, &part);
                continue;
            }
            let (part_cid, old) = if part == Value::Null {
                (cid, Node::Map(Map::new()))
            } else {
                self.reader.part(cid, part)?
            };
            let was = node_count(&old);
            let begin = body.len();
            let deeper = depth.saturating_add(1);
            let tally = self.map((part_cid, old), edits, deeper, &mut body)?;
            count = count.saturating_sub(was).saturating_add(tally.count);
            shrunk |= tally.shrunk;
            if tally.count == 0 {
                body.truncate(begin);
                write(&mut body, &Value::Null);
            } else {
                let bytes = body.len().saturating_sub(begin);
                least = least.saturating_add(bytes.saturating_sub(MAX_HEAD_BYTES));
                self.builder.settle_part(begin, &mut body);
            }
        }
        let begin = out.len();
        write_split(MAP_KEY, count, FANOUT, out);
        out.append(&mut body);
        if shrunk && count <= MAX_PLAIN_ENTRIES && least <= MAX_PLAIN_BYTES {
            let body = out.split_off(begin);
            self.map_again(cid, &body, depth, out)?;
        }
        Ok(Tally { count, shrunk })
    }

    /// Write the one form of the map whose body, which has few entries, may be split too far.
    fn map_again(
        &mut self,
        cid: Cid,
        body: &[u8],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        let mut entries = Vec::new();
        let mut pending = vec![(cid, decode(cid, body)?)];
        while let Some((cid, part)) = pending.pop() {
            if part == Value::Null {
                continue;
            }
            let (cid, at) = self.part(cid, part)?;
            match at {
                Node::Map(map) => entries.extend(map),
                Node::Split {
                    of: Kind::Map,
                    parts,
                    ..
                } => pending.extend(parts.into_iter().map(|part| (cid, part))),
                _ => return Err(StateError::Shape { cid }),
            }
        }
        let map: Map = entries.into_iter().collect();
        let begin = out.len();
        write_count(out, MAP, map.len());
        let mut starts = Vec::with_capacity(map.len());
        for (key, child) in map.iter() {
            starts.push(out.len());
            write_text(out, key);
            write(out, child);
        }
        let keys = map.keys();
        self.builder.settle_map(begin, (&starts, keys), depth, out);
        Ok(())
    }

    /// A part that was there before, or was just made.
    fn part(&mut self, cid: Cid, part: Value) -> Result<(Cid, Node), StateError> {
        if let Value::Link(link) = &part
            && let Some(bytes) = self.builder.blocks.get(link)
        {
            return Ok((*link, node(*link, decode(*link, bytes)?)?));
        }
        self.reader.part(cid, part)
    }

    /// The items of a list's body, and the body as a node.
    fn list_of(&self, cid: Cid, old: Value) -> Result<(usize, Node), StateError> {
        let old = node(cid, old)?;
        match &old {
            Node::List(_) | Node::Split { of: Kind::List, .. } => Ok((node_count(&old), old)),
            _ => Err(StateError::Shape { cid }),
        }
    }

    /// Write the list body of a span, whose items were those of `old` before.
    fn list(
        &mut self,
        (cid, old): (Cid, Node),
        span: Span<'_>,
        changes: &[(usize, Change<'_>)],
        out: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        let count = span.now.len();
        let changes = span.changes(changes);
        let parts = match old {
            // Longer, or large whatever became of its items: it stays split.
            Node::Split {
                of: Kind::List,
                parts,
                ..
            } if changes.is_empty()
                || count > MAX_PLAIN_ITEMS
                || span.least_bytes(&parts, changes) > MAX_PLAIN_BYTES =>
            {
                parts
            }
            small => return self.list_again((cid, small), span, changes, out),
        };
        let (width, old_width) = (part_width(count), part_width(span.was));
        write_split(LIST_KEY, count, count.div_ceil(width.max(1)), out);
        let mut whole = None;
        let mut parts = parts.into_iter();
        if width != old_width {
            // All that was there is in the first part now.
            whole = Some(Node::Split {
                of: Kind::List,
                count: u64::try_from(span.was).unwrap_or(u64::MAX),
                parts: parts.by_ref().collect(),
            });
        }
        for part in span.parts(width) {
            let begin = out.len();
            let changes = part.changes(changes);
            match (whole.take(), parts.next()) {
                (Some(node), _) => self.list((cid, node), part, changes, out)?,
                (None, Some(old)) if changes.is_empty() && part.was == part.now.len() => {
                    write(out, &old);
                    continue;
                }
                (None, Some(old)) => {
                    let old = self.reader.part(cid, old)?;
                    self.list(old, part, changes, out)?;
                }
                (None, None) => {
                    let none = (cid, Node::List(Vec::new()));
                    self.list_again(none, part, &[], out)?;
                }
            }
            self.builder.settle_part(begin, out);
        }
        Ok(())
    }

    /// Write the list body of a span from all its children.
    fn list_again(
        &mut self,
        (cid, old): (Cid, Node),
        span: Span<'_>,
        changes: &[(usize, Change<'_>)],
        out: &mut Vec<u8>,
    ) -> Result<(), StateError> {
        let children = self.reader.list_children(cid, old)?;
        let begin = out.len();
        write_count(out, LIST, span.now.len());
        let mut starts = Vec::with_capacity(span.now.len());
        let mut changes = changes.iter().peekable();
        let mut children = children.into_iter();
        for (index, item) in (span.first..).zip(span.now) {
            starts.push(out.len());
            let change = changes.next_if(|(at, _)| *at == index);
            match (children.next(), change) {
                (None, _) => self.builder.child(item, out),
                (Some((_, child)), None) => write(out, &child),
                (Some(child), Some((_, change))) => self.child(child, change, out)?,
            }
        }
        self.builder.settle_list(begin, &starts, out);
        Ok(())
    }
}

/// Items of a list that one body holds.
#[derive(Clone, Copy)]
struct Span<'a> {
    /// Place of the first in the whole list
    first: usize,
    /// How many of them there were before
    was: usize,
    /// What they are now, at least as many
    now: &'a [Value],
}

impl<'a> Span<'a> {
    /// Those of `changes` that are in it.
    fn changes<'c, 'v>(self, changes: &'c [(usize, Change<'v>)]) -> &'c [(usize, Change<'v>)] {
        let end = self.first.saturating_add(self.now.len());
        let from = changes.partition_point(|(at, _)| *at < self.first);
        let to = changes.partition_point(|(at, _)| *at < end);
        changes.get(from..to).unwrap_or(&[])
    }

    /// Bytes that the items have at least that are not among the changes, as `parts` holds them.
    fn least_bytes(self, parts: &[Value], changes: &[(usize, Change<'_>)]) -> usize {
        let spans = self.parts(part_width(self.was));
        let unchanged = |span: &Self| span.changes(changes).is_empty();
        let kept = spans.zip(parts).filter(|(span, _)| unchanged(span));
        kept.fold(0, |sum, (_, part)| sum.saturating_add(least_bytes(part)))
    }

    /// The spans of its parts of `width` items.
    fn parts(self, width: usize) -> impl Iterator<Item = Self> + use<'a> {
        let begins = (0..self.now.len()).step_by(width.max(1));
        begins
            .zip(self.now.chunks(width.max(1)))
            .map(move |(begin, now)| Self {
                first: self.first.saturating_add(begin),
                was: self.was.saturating_sub(begin).min(now.len()),
                now,
            })
    }
}

/// Bytes that the entries or items of a part have at least.
fn least_bytes(part: &Value) -> usize {
    match part {
        Value::Null => 0,
        Value::Link(_) => LEAST_PART_BYTES,
        inline => encoded_len(inline).saturating_sub(MAX_HEAD_BYTES),
    }
}
