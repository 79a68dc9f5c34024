//! Checking a journal event by event, in the order in which it was written.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::cid::Cid;
use gatos_core::envelope::Envelope;
use gatos_core::journal::{Batch, Event, Head};
use gatos_core::keys::KnownKeys;
use gatos_core::merkle::TreeHash;
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::{OpenError, Signed};
use gatos_core::ulid::Ulid;
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};

use super::activation::PolicyCursor;
use super::policy::{PolicyChain, authorize_actor};
use super::remembered::Remembered;
use super::report::ensure;
use crate::error::{Context, Error};
use crate::journal::JOURNAL_REF_PREFIX;

/// The identifiers of the events before those that are checked, for whoever must know them.
pub(crate) type Earlier<'p> = Box<dyn FnOnce() -> Result<Vec<Ulid>, Error> + Send + 'p>;

/// A batch as it is stored.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    /// The id of its bytes
    pub(crate) id: Cid,
    /// What they say
    pub(crate) batch: Batch,
}

/// A batch whose events were checked.
#[derive(Debug)]
pub(crate) struct CheckedBatch {
    /// Where the journal stands after it
    pub(crate) head: Head,
    /// Its events, in order
    pub(crate) events: Vec<Signed<Event>>,
    /// Their leaves in the history tree
    pub(crate) leaves: Vec<TreeHash>,
}

/// A journal as far as it was checked.
pub struct History<'p> {
    journal: JournalName,
    policies: &'p PolicyChain,
    /// Which policy is in force at the next event
    cursor: PolicyCursor,
    head: Head,
    seen: BTreeSet<Ulid>,
    /// The head after each batch, by number of events
    heads: BTreeMap<u64, TreeHash>,
    /// Where checking began within the journal: the greatest identifier before, and all of them
    earlier: Option<(Ulid, Earlier<'p>)>,
}

impl<'p> History<'p> {
    /// A journal of which nothing was seen yet.
    #[must_use]
    pub fn new(journal: JournalName, policies: &'p PolicyChain) -> Self {
        let reference = format!("{JOURNAL_REF_PREFIX}{journal}");
        Self {
            cursor: policies.cursor(&reference),
            journal,
            policies,
            head: Head::empty(),
            seen: BTreeSet::new(),
            heads: BTreeMap::new(),
            earlier: None,
        }
    }

    /// A journal whose events up to `head` are taken as they are, and whose next ones are checked.
    /// The identifiers `before` are asked for if one of the next could be among them.
    pub(crate) fn after(
        journal: JournalName,
        policies: &'p PolicyChain,
        head: Head,
        before: Earlier<'p>,
    ) -> Self {
        let mut history = Self::new(journal, policies);
        history.heads.insert(head.size(), head.history_root());
        history.cursor.go_to(head.size());
        history.earlier = head.max_ulid.map(|max| (max, before));
        history.head = head;
        history
    }

    /// Where the journal stands after everything that was checked.
    pub(crate) const fn head(&self) -> &Head {
        &self.head
    }

    /// Number of events that were checked.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.size()
    }

    /// The history root of the first `size` events, where a batch ended there.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<TreeHash> {
        if size == 0 {
            Some(TreeHash::empty())
        } else {
            self.heads.get(&size).copied()
        }
    }

    /// The history root of everything that was checked.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        self.head.history_root()
    }

    /// Check the next batches: every signature, on all cores, and where each batch says that it stands.
    /// The events are given back in order.
    ///
    /// # Errors
    /// The first event or batch that is wrong, by its index in the journal.
    pub fn extend(&mut self, batches: Vec<Batch>) -> Result<Vec<Signed<Event>>, Error> {
        let batches = batches.into_iter().map(|batch| (batch, Signatures::Verify));
        let checked = self.check_all(batches.collect())?;
        Ok(checked.into_iter().flat_map(|batch| batch.events).collect())
    }

    /// As [`extend`](Self::extend), but signatures of a batch that is remembered are not verified
    /// again, and the others' will be remembered.
    pub(crate) fn extend_stored(
        &mut self,
        batches: Vec<StoredBatch>,
        memory: &mut Remembered,
    ) -> Result<Vec<CheckedBatch>, Error> {
        let ids: Vec<Cid> = batches.iter().map(|stored| stored.id).collect();
        let batches = batches.into_iter().map(|stored| {
            if memory.knows_batch(&stored.id) {
                (stored.batch, Signatures::Recall)
            } else {
                (stored.batch, Signatures::Verify)
            }
        });
        let checked = self.check_all(batches.collect())?;
        ids.iter().for_each(|id| memory.batch_verified(id));
        Ok(checked)
    }

    fn check_all(&mut self, batches: Vec<(Batch, Signatures)>) -> Result<Vec<CheckedBatch>, Error> {
        let mut envelopes = Vec::new();
        let mut ends = Vec::with_capacity(batches.len());
        for (batch, signatures) in batches {
            ensure(batch.journal == self.journal, || {
                let (found, journal) = (&batch.journal, &self.journal);
                format!("a batch of journal `{found}` stands in `{journal}`")
            })?;
            ends.push((batch.events.len(), batch.head));
            envelopes.extend(batch.events.into_iter().map(|event| (event, signatures)));
        }
        let mut opened = open_all(envelopes).into_iter();
        ends.into_iter()
            .map(|(count, head)| self.check_batch(opened.by_ref().take(count), head))
            .collect()
    }

    fn check_batch(
        &mut self,
        opened: impl Iterator<Item = Opened>,
        head: Head,
    ) -> Result<CheckedBatch, Error> {
        let (mut events, mut leaves) = (Vec::new(), Vec::new());
        for (result, leaf) in opened {
            let index = self.head.size();
            let what = |journal: &JournalName| format!("event {index} of `{journal}`");
            let event = result.or_mismatch(|| what(&self.journal))?;
            self.check(&event).map_err(|e| {
                let kind = e.kind();
                Error::new(kind, what(&self.journal)).with_source(e)
            })?;
            self.head.push(leaf, event.statement().ulid);
            let head = &self.head;
            self.cursor
                .pass_events(head.size(), || head.history_root())?;
            events.push(event);
            leaves.push(leaf);
        }
        ensure(head == self.head, || {
            let (size, journal) = (self.head.size(), &self.journal);
            format!(
                "the batch that ends at event {size} of `{journal}` says where it stands, and that \
                 is not so"
            )
        })?;
        self.heads.insert(head.size(), head.history_root());
        Ok(CheckedBatch {
            head,
            events,
            leaves,
        })
    }

    fn check(&mut self, event: &Signed<Event>) -> Result<(), Error> {
        let statement = event.statement();
        ensure(statement.repo == self.policies.repo(), || {
            "of another repository".to_owned()
        })?;
        ensure(statement.journal == self.journal, || {
            format!("signed for journal `{}`", statement.journal)
        })?;
        self.policies
            .check_in_force(&self.cursor, statement.policy)?;
        let bundle = self.policies.get(&statement.policy)?;
        authorize_actor(
            &bundle.trust,
            event.signers(),
            (Role::Append, &statement.actor),
        )?;
        if let Some((_, before)) = self.earlier.take_if(|(max, _)| statement.ulid <= *max) {
            self.seen.extend(before()?);
        }
        ensure(self.seen.insert(statement.ulid), || {
            format!("the identifier {} is there already", statement.ulid)
        })
    }
}

/// What is to be done about the signatures of a batch.
#[derive(Clone, Copy, Debug)]
enum Signatures {
    Verify,
    Recall,
}

/// An event that was opened, and its leaf in the history tree.
type Opened = (Result<Signed<Event>, OpenError>, TreeHash);

/// Verify and decode envelopes on all cores.
fn open_all(envelopes: Vec<(Envelope, Signatures)>) -> Vec<Opened> {
    let open = |known: &mut KnownKeys, (envelope, signatures): (Envelope, Signatures)| {
        let leaf = TreeHash::leaf(&envelope.id());
        let event = match signatures {
            Signatures::Verify => Signed::open_known(envelope, known),
            Signatures::Recall => Signed::recall(envelope, known),
        };
        (event, leaf)
    };
    envelopes
        .into_par_iter()
        .map_init(KnownKeys::new, open)
        .collect()
}
