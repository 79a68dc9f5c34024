//! Checking a journal event by event, in the order in which it was written.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::envelope::Envelope;
use gatos_core::journal::{Batch, Event, Head};
use gatos_core::keys::KnownKeys;
use gatos_core::merkle::TreeHash;
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::{OpenError, Signed};
use gatos_core::ulid::Ulid;
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};

use super::policy::{PolicyChain, authorize_actor};
use super::report::ensure;
use crate::error::{Context, Error};

/// A journal as far as it was checked.
pub struct History<'p> {
    journal: JournalName,
    policies: &'p PolicyChain,
    head: Head,
    seen: BTreeSet<Ulid>,
    /// The head after each batch, by number of events
    heads: BTreeMap<u64, TreeHash>,
}

impl<'p> History<'p> {
    /// A journal of which nothing was seen yet.
    #[must_use]
    pub const fn new(journal: JournalName, policies: &'p PolicyChain) -> Self {
        Self {
            journal,
            policies,
            head: Head::empty(),
            seen: BTreeSet::new(),
            heads: BTreeMap::new(),
        }
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
        let mut envelopes = Vec::new();
        let mut ends = Vec::with_capacity(batches.len());
        for batch in batches {
            ensure(batch.journal == self.journal, || {
                let journal = &self.journal;
                format!(
                    "a batch of journal `{}` stands in `{journal}`",
                    batch.journal
                )
            })?;
            envelopes.extend(batch.events);
            ends.push((envelopes.len(), batch.head));
        }
        let opened = open_all(envelopes);
        let mut events = Vec::with_capacity(opened.len());
        let mut ends = ends.into_iter().peekable();
        for result in opened {
            let index = self.head.size();
            let journal = self.journal.clone();
            let what = || format!("event {index} of `{journal}`");
            let event = result.or_mismatch(what)?;
            self.check(&event).map_err(|e| {
                let kind = e.kind();
                Error::new(kind, what()).with_source(e)
            })?;
            let leaf = TreeHash::leaf(&event.id().cid());
            self.head.push(leaf, event.statement().ulid);
            events.push(event);
            if let Some((_, head)) = ends.next_if(|(end, _)| *end == events.len()) {
                ensure(head == self.head, || {
                    let (size, journal) = (self.head.size(), &self.journal);
                    format!(
                        "the batch that ends at event {size} of `{journal}` says where it \
                             stands, and that is not so"
                    )
                })?;
                self.heads
                    .insert(self.head.size(), self.head.history_root());
            }
        }
        Ok(events)
    }

    fn check(&mut self, event: &Signed<Event>) -> Result<(), Error> {
        let statement = event.statement();
        ensure(statement.repo == self.policies.repo(), || {
            "of another repository".to_owned()
        })?;
        ensure(statement.journal == self.journal, || {
            format!("signed for journal `{}`", statement.journal)
        })?;
        let bundle = self.policies.get(&statement.policy)?;
        authorize_actor(
            &bundle.trust,
            event.signers(),
            (Role::Append, &statement.actor),
        )?;
        ensure(self.seen.insert(statement.ulid), || {
            format!("the identifier {} is there already", statement.ulid)
        })
    }
}

/// Verify and decode envelopes on all cores.
fn open_all(envelopes: Vec<Envelope>) -> Vec<Result<Signed<Event>, OpenError>> {
    envelopes
        .into_par_iter()
        .map_init(KnownKeys::new, |known, envelope| {
            Signed::open_known(envelope, known)
        })
        .collect()
}
