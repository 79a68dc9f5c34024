//! What one commit of a journal holds: its events, and where the journal stands after them.

use crate::cbor::{
    self, DecodeError, FieldError, Fields, Limits, write, write_bytes, write_count, write_text,
};
use crate::envelope::{Envelope, EnvelopeError};
use crate::merkle::{Frontier, TreeHash};
use crate::name::JournalName;
use crate::ulid::Ulid;
use crate::value::Value;

/// Most events of one batch.
pub const MAX_BATCH_EVENTS: usize = 1000;
/// Largest batch, in bytes.
pub const MAX_BATCH_BYTES: usize = 16 << 20;
/// Room for what one signature adds to an event's payload, and for a batch without events.
const EVENT_ROOM: usize = 256;
const HEAD_ROOM: usize = 4096;

/// Why bytes are no batch.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BatchError {
    /// Not strict DAG-CBOR
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Not a batch
    #[error(transparent)]
    Field(#[from] FieldError),
    /// An event that is no envelope
    #[error("event {index} of the batch: {source}")]
    Event {
        /// Which one of the batch, from 0
        index: usize,
        /// Why
        source: EnvelopeError,
    },
}

/// Where a journal stands after a batch. Everything here follows from the events, and a verifier
/// computes it again; it is written down so that an append need not read the whole journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// The right edge of the history tree, and with it the number of events and the history root
    pub frontier: Frontier,
    /// The greatest identifier so far: a greater one cannot be in the journal yet
    pub max_ulid: Option<Ulid>,
}

impl Head {
    /// The head of a journal without events.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            frontier: Frontier::new(),
            max_ulid: None,
        }
    }

    /// Number of events.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The head of the history tree.
    #[must_use]
    pub fn history_root(&self) -> TreeHash {
        self.frontier.root()
    }

    /// The head after one more event.
    pub fn push(&mut self, leaf: TreeHash, ulid: Ulid) {
        self.frontier.push(leaf);
        self.max_ulid = self.max_ulid.max(Some(ulid));
    }
}

/// A batch of events of a journal.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The journal
    pub journal: JournalName,
    /// Where the journal stands after these events
    pub head: Head,
    /// The events in order, signatures not verified
    pub events: Vec<Envelope>,
}

impl Batch {
    /// The one byte string of the batch.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let events: Vec<&Envelope> = self.events.iter().collect();
        Self::encode_of(&self.journal, &self.head, &events)
    }

    /// The one byte string of the batch of these events, after which `journal` stands at `head`.
    #[must_use]
    pub fn encode_of(journal: &JournalName, head: &Head, events: &[&Envelope]) -> Vec<u8> {
        let (frontier, list, map) = (&head.frontier, 4, 5);
        let bytes: usize = events
            .iter()
            .map(|event| event.payload_bytes().len().saturating_add(EVENT_ROOM))
            .sum();
        let mut out = Vec::with_capacity(bytes.saturating_add(HEAD_ROOM));
        write_count(&mut out, map, 7);
        write_text(&mut out, "v");
        write(&mut out, &Value::Integer(1));
        write_text(&mut out, "size");
        write(&mut out, &Value::count(frontier.size()));
        write_text(&mut out, "events");
        write_count(&mut out, list, events.len());
        for event in events {
            event.write(&mut out);
        }
        write_text(&mut out, "journal");
        write_text(&mut out, journal.as_str());
        write_text(&mut out, "frontier");
        write_count(&mut out, list, frontier.hashes().len());
        for hash in frontier.hashes() {
            write_bytes(&mut out, hash.as_bytes());
        }
        write_text(&mut out, "max_ulid");
        match head.max_ulid {
            None => write(&mut out, &Value::Null),
            Some(ulid) => write_text(&mut out, &ulid.to_string()),
        }
        write_text(&mut out, "history_root");
        write_bytes(&mut out, frontier.root().as_bytes());
        out
    }

    /// Read a batch; its signatures and its head are not verified here.
    ///
    /// # Errors
    /// Bytes that are no batch.
    pub fn decode(bytes: &[u8]) -> Result<Self, BatchError> {
        let limits = Limits {
            max_bytes: MAX_BATCH_BYTES,
            ..Limits::default()
        };
        let mut fields = Fields::of("batch", cbor::decode_with(bytes, &limits)?)?;
        if fields.integer("v")? != 1 {
            return Err(fields.content("v", "1, the only version").into());
        }
        let journal = fields.parsed("journal", "a name")?;
        let size = fields.count("size")?;
        let root = TreeHash::from_bytes(fields.array("history_root")?);
        let hashes = fields.list("frontier")?.into_iter().map(|item| match item {
            Value::Bytes(bytes) => bytes.try_into().map(TreeHash::from_bytes).ok(),
            _ => None,
        });
        let hashes: Option<Vec<_>> = hashes.collect();
        let hashes = hashes.ok_or_else(|| fields.content("frontier", "a list of hashes"))?;
        let frontier = Frontier::from_parts(size, hashes)
            .map_err(|_| fields.content("frontier", "as long as `size` asks for"))?;
        if frontier.root() != root {
            return Err(fields
                .content("history_root", "the root of the frontier")
                .into());
        }
        let max_ulid = match fields.value("max_ulid")? {
            Value::Null => None,
            Value::Text(text) => Some(
                text.parse()
                    .map_err(|_| fields.content("max_ulid", "a ULID or null"))?,
            ),
            _ => return Err(fields.content("max_ulid", "a ULID or null").into()),
        };
        let items = fields.list("events")?;
        if items.is_empty() || items.len() > MAX_BATCH_EVENTS {
            return Err(fields.content("events", "1 to 1000 events").into());
        }
        fields.finish()?;
        let events = items.into_iter().enumerate().map(|(index, item)| {
            Envelope::from_value(item).map_err(|source| BatchError::Event { index, source })
        });
        let events = events.collect::<Result<_, _>>()?;
        Ok(Self {
            journal,
            head: Head { frontier, max_ulid },
            events,
        })
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of batches.

    use super::{Batch, Head};
    use crate::cbor;
    use crate::envelope::{Envelope, Kind};
    use crate::keys::SecretKey;
    use crate::merkle::TreeHash;
    use crate::value::Value;

    /// A batch as the specification has it: a map.
    fn value(batch: &Batch) -> Value {
        let frontier = &batch.head.frontier;
        let hash = |hash: &TreeHash| Value::bytes(hash.as_bytes().to_vec());
        let max_ulid = batch.head.max_ulid;
        Value::map([
            ("v", Value::Integer(1)),
            ("journal", Value::text(batch.journal.as_str())),
            ("size", Value::count(frontier.size())),
            ("history_root", hash(&frontier.root())),
            ("frontier", Value::list(frontier.hashes().iter().map(hash))),
            (
                "max_ulid",
                max_ulid.map_or(Value::Null, |ulid| Value::text(ulid.to_string())),
            ),
            (
                "events",
                Value::list(batch.events.iter().map(Envelope::to_value)),
            ),
        ])
    }

    #[test]
    fn the_bytes_of_a_batch_are_those_of_its_value() {
        let key = SecretKey::from_seed([7; 32]);
        let mut batch = Batch {
            journal: "a/journal".parse().unwrap(),
            head: Head::empty(),
            events: Vec::new(),
        };
        for number in 0..40_u8 {
            assert_eq!(batch.encode(), cbor::encode(&value(&batch)));
            let payload = Value::text("x".repeat(usize::from(number)));
            let envelope = Envelope::sign(Kind::Event, &payload, &key).unwrap();
            let ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
            batch.head.push(TreeHash::leaf(&envelope.id()), ulid);
            batch.events.push(envelope);
        }
        assert!(Batch::decode(&batch.encode()).is_ok());
    }
}
