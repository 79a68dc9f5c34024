//! Reading journals: batches from either end, and events as people see them.

use std::cmp::Ordering;

use gatos_core::cid::Cid;
use gatos_core::envelope::{Envelope, Kind};
use gatos_core::journal::{Batch, Event};
use gatos_core::json;
use gatos_core::keys::PublicKey;
use gatos_core::name::JournalName;
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;
use gatos_git::ObjectId;
use serde_json::value::RawValue;

use super::append::read_event;
use super::prove::Which;
use super::{JOURNAL_REF_PREFIX, journal_ref};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, commits, ref_name};
use crate::verify::StoredBatch;

/// A journal at a glance.
#[derive(Clone, Debug, serde::Serialize)]
pub struct JournalView {
    /// Its name
    pub journal: String,
    /// Number of events
    pub size: u64,
    /// Its history root, in hex
    pub history_root: String,
    /// The Git commit at its tip
    pub commit: String,
}

/// An event as people see it; its signature was not verified.
#[derive(Clone, Debug, serde::Serialize)]
pub struct EventView {
    /// Its index in the journal
    pub index: u64,
    /// Its identifier
    pub ulid: String,
    /// Its content id
    pub id: String,
    /// What kind of thing happened
    #[serde(rename = "type")]
    pub event_type: String,
    /// Who says so
    pub actor: String,
    /// When it happened, in milliseconds since 1970, where the actor says so
    pub ts: Option<i64>,
    /// What happened, as JSON with exact numbers
    pub payload: Box<RawValue>,
}

/// Which events of a journal, and in which order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range {
    /// Index of the first; `None` for the journal's first
    pub since: Option<u64>,
    /// Most events
    pub limit: Option<u64>,
    /// From which end
    pub order: Order,
}

/// From which end events are listed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// The first appended first
    #[default]
    Oldest,
    /// The last appended first
    Newest,
}

/// All journals, by name.
///
/// # Errors
/// A journal whose tip cannot be read.
pub fn journals(repository: &Repository) -> Result<Vec<JournalView>, Error> {
    let git = repository.git();
    let prefix = ref_name(JOURNAL_REF_PREFIX.trim_end_matches('/'))?;
    let refs = git
        .refs_under(&prefix)
        .or_failed(|| "cannot list the journals".to_owned())?;
    let view = |(name, tip): (gatos_git::RefName, ObjectId)| {
        let batch = read_batch(repository, tip)?;
        let journal = name
            .as_str()
            .trim_start_matches(JOURNAL_REF_PREFIX)
            .to_owned();
        Ok(JournalView {
            journal,
            size: batch.head.size(),
            history_root: batch.head.history_root().to_string(),
            commit: tip.to_string(),
        })
    };
    refs.into_iter().map(view).collect()
}

/// Where a journal stands, to be compared with where it stood before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tip(ObjectId);

/// Where a journal stands; `None` if there is none yet.
///
/// # Errors
/// A ref that cannot be read.
pub fn at(repository: &Repository, journal: &JournalName) -> Result<Option<Tip>, Error> {
    let name = journal_ref(journal)?;
    let tip = repository.git().find_ref(&name);
    Ok(tip.or_failed(|| format!("cannot read `{name}`"))?.map(Tip))
}

impl Tip {
    /// Number of events up to here.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn size(&self, repository: &Repository) -> Result<u64, Error> {
        Ok(read_batch(repository, self.0)?.head.size())
    }
}

/// Whether there is such a journal.
pub(crate) fn exists(repository: &Repository, journal: &JournalName) -> Result<bool, Error> {
    let name = journal_ref(journal)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    Ok(tip.is_some())
}

/// The tip of a journal, which must be there.
pub(crate) fn tip(repository: &Repository, journal: &JournalName) -> Result<ObjectId, Error> {
    let name = journal_ref(journal)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    tip.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("there is no journal `{journal}`"))
            .with_hint("`gatos journal list` shows those there are; the first append makes one")
    })
}

/// The batch of one commit, its head and signatures not verified.
pub(crate) fn read_batch(repository: &Repository, commit: ObjectId) -> Result<Batch, Error> {
    read_stored(repository, commit).map(|stored| stored.batch)
}

/// As [`read_batch`], with the id of the batch.
fn read_stored(repository: &Repository, commit: ObjectId) -> Result<StoredBatch, Error> {
    let bytes = Folder::of_commit(repository.git(), commit)?.blob("batch")?;
    let batch = Batch::decode(&bytes)
        .or_mismatch(|| format!("commit {commit} holds no batch of events"))?;
    Ok(StoredBatch {
        id: Cid::of_dag_cbor(&bytes),
        batch,
    })
}

/// Visit batches from the tip back, until `visit` says `false`.
pub(crate) fn walk_back(
    repository: &Repository,
    tip: ObjectId,
    mut visit: impl FnMut(ObjectId, &Batch) -> Result<bool, Error>,
) -> Result<(), Error> {
    for step in repository.git().history(tip) {
        let (id, _) = step.context(ErrorKind::Incomplete, || {
            "the journal is not all here".to_owned()
        })?;
        if !visit(id, &read_batch(repository, id)?)? {
            break;
        }
    }
    Ok(())
}

/// The commits of a journal and their batches, oldest first, one at a time.
///
/// # Errors
/// A journal that is not there or not all here; each batch may fail on its own.
pub fn batches<'r>(
    repository: &'r Repository,
    journal: &JournalName,
) -> Result<impl Iterator<Item = Result<Batch, Error>> + use<'r>, Error> {
    let ids = commits(repository.git(), tip(repository, journal)?)?;
    Ok(ids
        .into_iter()
        .rev()
        .map(move |id| read_batch(repository, id)))
}

/// All batches of a journal as they are stored, oldest first, one at a time.
///
/// # Errors
/// As [`batches`].
pub(crate) fn stored_batches<'r>(
    repository: &'r Repository,
    journal: &JournalName,
) -> Result<impl Iterator<Item = Result<StoredBatch, Error>> + Send + use<'r>, Error> {
    let ids = commits(repository.git(), tip(repository, journal)?)?;
    Ok(ids
        .into_iter()
        .rev()
        .map(move |id| read_stored(repository, id)))
}

/// A journal from one of its batches on.
pub(crate) struct Tail {
    /// The batch
    pub(crate) from: StoredBatch,
    /// Its commit
    pub(crate) commit: ObjectId,
    /// The commits after it, newest first
    after: Vec<ObjectId>,
}

impl Tail {
    /// The batches after it, oldest first, one at a time.
    pub(crate) fn batches<'r>(
        &self,
        repository: &'r Repository,
    ) -> impl Iterator<Item = Result<StoredBatch, Error>> + Send + use<'r> {
        let after = self.after.clone().into_iter().rev();
        after.map(move |id| read_stored(repository, id))
    }

    /// The identifiers of all events up to and with the batch.
    pub(crate) fn earlier_identifiers(&self, repository: &Repository) -> Result<Vec<Ulid>, Error> {
        identifiers(repository, self.commit)
    }
}

/// The identifiers of all events up to and with the batch of a commit.
pub(crate) fn identifiers(repository: &Repository, commit: ObjectId) -> Result<Vec<Ulid>, Error> {
    let mut found = Vec::new();
    walk_back(repository, commit, |_, batch| {
        for envelope in &batch.events {
            found.push(read_event(envelope)?.ulid);
        }
        Ok(true)
    })?;
    Ok(found)
}

/// The journal from the batch on that ends with event number `size`; `None` where no batch does. Only
/// what comes after that batch is read.
///
/// # Errors
/// A journal that is not there, not all here as far as it is read, or has fewer events.
pub(crate) fn tail(
    repository: &Repository,
    journal: &JournalName,
    size: u64,
) -> Result<Option<Tail>, Error> {
    let mut after = Vec::new();
    for step in repository.git().history(tip(repository, journal)?) {
        let (commit, _) = step.context(ErrorKind::Incomplete, || {
            format!("`{journal}` is not all here")
        })?;
        let from = read_stored(repository, commit)?;
        match from.batch.head.size().cmp(&size) {
            Ordering::Less if after.is_empty() => {
                let found = from.batch.head.size();
                let message = format!("`{journal}` has {found} of {size} events");
                return Err(Error::new(ErrorKind::Incomplete, message)
                    .with_hint("fetch all of refs/gatos/*"));
            }
            Ordering::Less => return Ok(None),
            Ordering::Greater => after.push(commit),
            Ordering::Equal => {
                return Ok(Some(Tail {
                    from,
                    commit,
                    after,
                }));
            }
        }
    }
    Ok(None)
}

/// Events of a journal in the order asked for; `each` may end the listing with an error of its own.
///
/// # Errors
/// A journal that is not there, not all here, or holds something that is no event.
pub fn list<E: From<Error>>(
    repository: &Repository,
    journal: &JournalName,
    range: Range,
    mut each: impl FnMut(EventView) -> Result<(), E>,
) -> Result<(), E> {
    let tip = tip(repository, journal)?;
    let size = read_batch(repository, tip)?.head.size();
    let wanted = wanted(range, size);
    let mut parts = Vec::new();
    walk_back(repository, tip, |id, batch| {
        let begin = batch.head.size() - batch.events.len() as u64;
        if begin < wanted.end && batch.head.size() > wanted.start {
            parts.push((begin, id));
        }
        Ok(begin > wanted.start)
    })?;
    if range.order == Order::Oldest {
        parts.reverse();
    }
    for (begin, id) in parts {
        let mut events: Vec<_> = (begin..).zip(read_batch(repository, id)?.events).collect();
        if range.order == Order::Newest {
            events.reverse();
        }
        for (index, envelope) in events
            .into_iter()
            .filter(|(index, _)| wanted.contains(index))
        {
            each(view(
                index,
                &read_event(&envelope)?,
                envelope.id().to_string(),
            )?)?;
        }
    }
    Ok(())
}

/// The indices that a range means in a journal of `size` events.
fn wanted(range: Range, size: u64) -> std::ops::Range<u64> {
    let first = range.since.unwrap_or(0).min(size);
    let limit = range.limit.unwrap_or(u64::MAX).min(size - first);
    match range.order {
        Order::Oldest => first..first + limit,
        Order::Newest => size - limit..size,
    }
}

/// An event with everything that stands around it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct EventDetail {
    /// The event
    #[serde(flatten)]
    pub event: EventView,
    /// The policy in force when it was signed
    pub policy: String,
    /// Fingerprints of the keys that signed
    pub signers: Vec<String>,
    /// Whether every signature is valid
    pub valid: bool,
}

/// One event.
///
/// # Errors
/// A journal or event that is not there.
pub fn show(
    repository: &Repository,
    journal: &JournalName,
    which: Which,
) -> Result<EventDetail, Error> {
    let mut found = None;
    walk_back(repository, tip(repository, journal)?, |_, batch| {
        let begin = batch.head.size() - batch.events.len() as u64;
        for (index, envelope) in (begin..).zip(&batch.events) {
            let event = read_event(envelope)?;
            let hit = match which {
                Which::Index(wanted) => wanted == index,
                Which::Ulid(wanted) => wanted == event.ulid,
            };
            if hit {
                found = Some(detail(index, &event, envelope)?);
            }
        }
        Ok(found.is_none())
    })?;
    found.ok_or_else(|| Error::new(ErrorKind::Usage, format!("`{journal}` has no such event")))
}

fn detail(index: u64, event: &Event, envelope: &Envelope) -> Result<EventDetail, Error> {
    let signers = envelope.signatures().iter().map(|signature| {
        let key = PublicKey::from_bytes(*signature.key_id.as_bytes());
        key.map_or_else(
            |_| "no acceptable key".to_owned(),
            |key| key.fingerprint().to_string(),
        )
    });
    Ok(EventDetail {
        event: view(index, event, envelope.id().to_string())?,
        policy: event.policy.to_string(),
        signers: signers.collect(),
        valid: envelope.verify(Kind::Event).is_ok(),
    })
}

fn view(index: u64, event: &Event, id: String) -> Result<EventView, Error> {
    Ok(EventView {
        index,
        ulid: event.ulid.to_string(),
        id,
        event_type: event.event_type.clone(),
        actor: event.actor.to_string(),
        ts: event.ts,
        payload: raw_json(&event.payload)?,
    })
}

/// A value as JSON that keeps its exact numbers inside a report.
pub(crate) fn raw_json(value: &Value) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json::to_string(value)).or_failed(|| "cannot write JSON".to_owned())
}
