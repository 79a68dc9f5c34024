//! What one commit of a journal holds: its events, and where the journal stands after them.

use crate::cbor::{self, DecodeError, FieldError, Fields, Limits};
use crate::envelope::{Envelope, EnvelopeError};
use crate::merkle::{Frontier, TreeHash};
use crate::name::JournalName;
use crate::ulid::Ulid;
use crate::value::Value;

/// Most events of one batch.
pub const MAX_BATCH_EVENTS: usize = 1000;
/// Largest batch, in bytes.
pub const MAX_BATCH_BYTES: usize = 16 << 20;

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
        let frontier = &self.head.frontier;
        let hashes = frontier
            .hashes()
            .iter()
            .map(|hash| Value::bytes(hash.as_bytes().to_vec()));
        let max_ulid = self
            .head
            .max_ulid
            .map_or(Value::Null, |u| Value::text(u.to_string()));
        cbor::encode(&Value::map([
            ("v", Value::Integer(1)),
            ("journal", Value::text(self.journal.as_str())),
            ("size", Value::count(frontier.size())),
            (
                "history_root",
                Value::bytes(frontier.root().as_bytes().to_vec()),
            ),
            ("frontier", Value::list(hashes)),
            ("max_ulid", max_ulid),
            (
                "events",
                Value::list(self.events.iter().map(Envelope::to_value)),
            ),
        ]))
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
