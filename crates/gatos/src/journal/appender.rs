//! Appending signed events to one journal, those of several callers in one batch.
//!
//! What each caller is told is what they would be told if they had come one after the other: only the
//! commits are fewer.

use std::collections::BTreeMap;

use gatos_core::envelope::Envelope;
use gatos_core::journal::{Batch, Event, Head, MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use gatos_core::json;
use gatos_core::merkle::TreeHash;
use gatos_core::name::JournalName;
use gatos_core::statement::Signed;
use gatos_core::ulid::Ulid;
use gatos_git::{Message, ObjectId};

use super::append::AppendReport;
use super::identifiers::Identifiers;
use super::journal_ref;
use super::read::read_batch;
use crate::clock::random;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::publication::{Content, Publication, Published, conflict};
use crate::repository::turn::Turn;

/// How often a lost race is run again; the transaction below waits between its own attempts.
const MAX_ROUNDS: usize = 20;
/// Most bytes that an envelope of one signature adds to its payload.
const ENVELOPE_BYTES: usize = 256;
/// Room for the events of a batch, beside its own fields, which have at most 64 hashes.
const MAX_EVENTS_BYTES: usize = MAX_BATCH_BYTES - 8192;

/// Appends to one journal.
#[derive(Debug)]
pub struct Appender {
    journal: JournalName,
    identifiers: Identifiers,
}

impl Appender {
    /// For a few batches: an identifier that may be there is looked for in the journal.
    #[must_use]
    pub const fn new(journal: JournalName) -> Self {
        Self {
            journal,
            identifiers: Identifiers::looked_up(),
        }
    }

    /// For as long as the program runs: identifiers are remembered once one had to be looked for.
    #[must_use]
    pub const fn lasting(journal: JournalName) -> Self {
        Self {
            journal,
            identifiers: Identifiers::remembered(),
        }
    }

    /// Append the events of each caller, all or none of each, and say to each what became of theirs.
    ///
    /// The events were admitted to this journal ([`admit`](super::admit)) or made for it, and those
    /// of one caller fit into a batch. A caller whose identifiers are taken by other content is told
    /// so, and does not keep the others from appending. What was written is durable, as the policy in
    /// force has it, when this returns.
    pub fn append(
        &mut self,
        repository: &Repository,
        callers: &[&[Signed<Event>]],
    ) -> Vec<Result<AppendReport, Error>> {
        let mut outcomes = Vec::with_capacity(callers.len());
        let mut rest = callers;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(fitting(rest));
            match self.append_batch(repository, now) {
                Ok(told) => outcomes.extend(told),
                Err(error) => outcomes.extend(now.iter().map(|_| Err(error.clone()))),
            }
            rest = later;
        }
        outcomes
    }

    fn append_batch(
        &mut self,
        repository: &Repository,
        callers: &[&[Signed<Event>]],
    ) -> Result<Vec<Result<AppendReport, Error>>, Error> {
        let name = journal_ref(&self.journal)?;
        let _turn = Turn::take(repository);
        for _ in 0..MAX_ROUNDS {
            let git = repository.git();
            let tip = git
                .find_ref(&name)
                .or_failed(|| format!("cannot read `{name}`"))?;
            let head = self.head(repository, tip)?;
            let events = || callers.iter().copied().flatten();
            let there = self.identifiers.find(repository, (tip, &head), events())?;
            let mut plan = Plan::new(&self.journal, head, &there);
            let told = callers.iter().map(|events| plan.add(events)).collect();
            if plan.events.is_empty() {
                return Ok(told);
            }
            match publish(repository, &plan, tip)? {
                (Published::Done, commit) => {
                    self.identifiers.extend((tip, commit), plan.fresh.keys());
                    repository.note_head(&self.journal, commit, plan.head);
                    return Ok(told);
                }
                (Published::Lost(lost), _) if lost != name => return Err(conflict(&lost)),
                (Published::Lost(_), _) => back_off()?,
            }
        }
        Err(conflict(&name))
    }

    /// Where the journal stands at `tip`.
    fn head(&self, repository: &Repository, tip: Option<ObjectId>) -> Result<Head, Error> {
        let Some(tip) = tip else {
            return Ok(Head::empty());
        };
        match repository.known_head(&self.journal, tip) {
            Some(head) => Ok(head),
            None => Ok(read_batch(repository, tip)?.head),
        }
    }
}

/// The batch that is to be written, as one caller after the other adds to it.
struct Plan<'e> {
    journal: &'e JournalName,
    /// Where the journal stands after the events
    head: Head,
    /// The events that are written
    events: Vec<&'e Envelope>,
    /// Events that the journal has already, by identifier
    there: &'e BTreeMap<Ulid, Event>,
    /// Events of the batch, by identifier
    fresh: BTreeMap<Ulid, &'e Event>,
}

impl<'e> Plan<'e> {
    const fn new(journal: &'e JournalName, head: Head, there: &'e BTreeMap<Ulid, Event>) -> Self {
        Self {
            journal,
            head,
            events: Vec::new(),
            there,
            fresh: BTreeMap::new(),
        }
    }

    /// What a caller is told if this batch is written; nothing of theirs is in it if that is an error.
    fn add(&mut self, events: &'e [Signed<Event>]) -> Result<AppendReport, Error> {
        let mut own: BTreeMap<Ulid, &'e Event> = BTreeMap::new();
        let mut fresh = Vec::with_capacity(events.len());
        for event in events {
            let (ulid, statement) = (event.statement().ulid, event.statement());
            let earlier = self.fresh.get(&ulid).or_else(|| own.get(&ulid)).copied();
            match self.there.get(&ulid).or(earlier) {
                Some(twin) => check_same(twin, statement)?,
                None => {
                    own.insert(ulid, statement);
                    fresh.push(event);
                }
            }
        }
        let head = &mut self.head;
        let first = (!fresh.is_empty()).then_some(head.size());
        let appended = fresh.len() as u64;
        for event in fresh {
            head.push(TreeHash::leaf(&event.id().cid()), event.statement().ulid);
            self.events.push(event.envelope());
        }
        // One by one: `append` would build the map of all callers anew for each of them.
        self.fresh.extend(own);
        let ulids = events.iter().map(|event| event.statement().ulid);
        Ok(AppendReport {
            journal: self.journal.to_string(),
            appended,
            already_there: events.len() as u64 - appended,
            size: head.size(),
            history_root: head.history_root().to_string(),
            first,
            ulids: ulids.map(|ulid| ulid.to_string()).collect(),
        })
    }
}

/// How many of the callers, from the first on, fit into one batch; one at least.
fn fitting(callers: &[&[Signed<Event>]]) -> usize {
    let (mut count, mut bytes) = (0, 0);
    let fits = |events: &&&[Signed<Event>]| {
        count += events.len();
        bytes += events.iter().map(size).sum::<usize>();
        count <= MAX_BATCH_EVENTS && bytes <= MAX_EVENTS_BYTES
    };
    callers.iter().take_while(fits).count().max(1)
}

/// Split signed events, at most as many as a batch has, so that no batch is too large.
pub(super) fn batches_within_size(events: Vec<Signed<Event>>) -> Vec<Vec<Signed<Event>>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for event in events {
        let more = size(&event);
        if bytes + more > MAX_EVENTS_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += more;
        if let Some(part) = parts.last_mut() {
            part.push(event);
        }
    }
    parts
}

/// Most bytes that an event takes in a batch.
fn size(event: &Signed<Event>) -> usize {
    let further = event.signers().len().saturating_sub(1);
    event.envelope().payload_bytes().len() + ENVELOPE_BYTES * (1 + further)
}

/// Wait a moment, so that those who race do not meet again at once.
fn back_off() -> Result<(), Error> {
    let [jitter] = random::<1>()?;
    std::thread::sleep(std::time::Duration::from_millis(u64::from(jitter % 32)));
    Ok(())
}

fn publish(
    repository: &Repository,
    plan: &Plan<'_>,
    tip: Option<ObjectId>,
) -> Result<(Published, ObjectId), Error> {
    let (journal, head, count) = (plan.journal, &plan.head, plan.events.len());
    let message = Message::new(&format!("journal: {count} event(s) in {journal}"))
        .with_trailer("Gatos-Journal", journal.as_str())
        .with_trailer("Gatos-Size", &head.size().to_string())
        .with_trailer("Gatos-History-Root", &head.history_root().to_string());
    let batch = Batch::encode_of(journal, head, &plan.events);
    let mut publication = Publication::new(repository);
    let contents = vec![("batch", Content::Bytes(batch))];
    let commit = publication.commit(contents, tip, &message)?;
    publication.update(journal_ref(journal)?, tip, commit);
    Ok((publication.publish()?, commit))
}

fn check_same(there: &Event, given: &Event) -> Result<(), Error> {
    if there.same_content(given) {
        return Ok(());
    }
    let (ulid, journal) = (there.ulid, &there.journal);
    let shown: String = json::to_string(&there.payload).chars().take(200).collect();
    let message =
        format!("the identifier {ulid} is taken in `{journal}` by other content: {shown}");
    Err(Error::new(ErrorKind::Failed, message)
        .with_hint("nothing was written; leave --ulid out, or give the content that is there"))
}
