//! Appending events: idempotent, in batches, compare-and-swap with the race run again when it is lost.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::envelope::Envelope;
use gatos_core::journal::{Batch, Event, Head, MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use gatos_core::keys::Signer;
use gatos_core::merkle::TreeHash;
use gatos_core::name::{ActorName, JournalName};
use gatos_core::policy::Role;
use gatos_core::statement::Signed;
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;
use gatos_core::{cbor, json};
use gatos_git::{Message, ObjectId};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};

use super::journal_ref;
use super::read::{read_batch, walk_back};
use crate::clock::{new_ulid, random};
use crate::error::{Context, Error, ErrorKind};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::publication::{Content, Publication, Published, conflict};
use crate::repository::turn::Turn;

/// How often a lost race is run again; the transaction below waits between its own attempts.
const MAX_ROUNDS: usize = 20;
/// Most bytes that an envelope of one signature adds to its payload.
const ENVELOPE_BYTES: usize = 256;

/// An event before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What kind of thing happened
    pub event_type: String,
    /// What happened
    pub payload: Value,
    /// Its identifier; a new one if there is none
    pub ulid: Option<Ulid>,
    /// When it happened, in milliseconds since 1970
    pub ts: Option<i64>,
}

/// What an append did.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AppendReport {
    /// The journal
    pub journal: String,
    /// Number of events written now
    pub appended: u64,
    /// Number of events that were there already, with the same content
    pub already_there: u64,
    /// Number of events that the journal has now
    pub size: u64,
    /// Its history root, in hex
    pub history_root: String,
    /// Index of the first event written now
    pub first: Option<u64>,
    /// Identifiers of the events, in the order given
    pub ulids: Vec<String>,
}

/// Append `drafts` to a journal, in order, all or none of each batch of a thousand.
///
/// # Errors
/// A signer who may not append, a payload that is too large or ill-formed, an identifier that is taken by
/// other content, a race lost too often, or a repository that cannot be written.
pub fn append(
    repository: &Repository,
    journal: &JournalName,
    drafts: Vec<Draft>,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<AppendReport, Error> {
    let actor = acting(repository, signer, Role::Append)?;
    let drafts = with_ulids(drafts)?;
    let mut report = AppendReport {
        journal: journal.to_string(),
        appended: 0,
        already_there: 0,
        size: 0,
        history_root: String::new(),
        first: None,
        ulids: drafts
            .iter()
            .filter_map(|draft| draft.ulid)
            .map(|u| u.to_string())
            .collect(),
    };
    progress.begin(&format!("append to {journal}"), Some(drafts.len() as u64));
    let sign = |drafts| sign_all(repository, journal, &actor, drafts, signer);
    let mut writer = Writer {
        repository,
        journal,
        known: None,
        report: &mut report,
    };
    std::thread::scope(|scope| -> Result<(), Error> {
        // The next thousand are signed while these are written.
        let mut chunks = drafts.chunks(MAX_BATCH_EVENTS);
        let mut signed = sign(chunks.next().unwrap_or_default())?;
        loop {
            let next = chunks.next().map(|chunk| scope.spawn(move || sign(chunk)));
            for part in batches_within_size(signed) {
                let count = part.len() as u64;
                writer.append(&part)?;
                progress.advance(count);
            }
            match next.map(std::thread::ScopedJoinHandle::join) {
                None => return Ok(()),
                Some(Ok(result)) => signed = result?,
                Some(Err(panic)) => std::panic::resume_unwind(panic),
            }
        }
    })?;
    progress.end();
    Ok(report)
}

/// The actor whose key this is, if the policy in force lets them do this.
pub(crate) fn acting(
    repository: &Repository,
    signer: &dyn Signer,
    role: Role,
) -> Result<ActorName, Error> {
    let trust = &repository.policy().1.trust;
    trust
        .authorize(&[signer.public_key()], role)
        .cloned()
        .context(ErrorKind::Refused, || {
            format!("the policy in force does not let you {role}")
        })
        .map_err(|e| {
            e.with_hint("`gatos trust show` lists who may do what; choose a key with --key")
        })
}

/// Give every draft an identifier; new ones ascend in the order given.
fn with_ulids(mut drafts: Vec<Draft>) -> Result<Vec<Draft>, Error> {
    let mut last = None;
    for draft in drafts.iter_mut().filter(|draft| draft.ulid.is_none()) {
        let next = match last.and_then(|last: Ulid| last.next()) {
            Some(next) => next,
            None => new_ulid()?,
        };
        draft.ulid = Some(next);
        last = Some(next);
    }
    Ok(drafts)
}

fn sign_all(
    repository: &Repository,
    journal: &JournalName,
    actor: &ActorName,
    drafts: &[Draft],
    signer: &(dyn Signer + Sync),
) -> Result<Vec<Signed<Event>>, Error> {
    let (policy, bundle) = repository.policy();
    let max = bundle.profile.max_event_bytes;
    let sign = |draft: &Draft| {
        let size = cbor::encoded_len(&draft.payload) as u64;
        if size > max {
            let message = format!("a payload has {size} bytes, more than the {max} allowed");
            return Err(Error::new(ErrorKind::Usage, message)
                .with_hint("keep bulk data in files, which jobs take as inputs"));
        }
        let event = Event {
            repo: repository.id(),
            journal: journal.clone(),
            ulid: draft.ulid.map_or_else(new_ulid, Ok)?,
            event_type: draft.event_type.clone(),
            actor: actor.clone(),
            payload: draft.payload.clone(),
            ts: draft.ts,
            policy,
        };
        check_form(&event)?;
        Signed::seal(event, signer).or_failed(|| "the key does not sign".to_owned())
    };
    drafts.into_par_iter().map(sign).collect()
}

/// What is signed can be read again: the decoder's rules hold for what people hand in.
fn check_form(event: &Event) -> Result<(), Error> {
    use gatos_core::statement::Statement as _;
    let value = cbor::decode(&cbor::encode(&event.to_value())).context(ErrorKind::Usage, || {
        "the payload cannot be an event's".to_owned()
    })?;
    Event::from_value(value).context(ErrorKind::Usage, || "this cannot be an event".to_owned())?;
    Ok(())
}

/// Split signed events so that no batch is too large.
fn batches_within_size(events: Vec<Signed<Event>>) -> Vec<Vec<Signed<Event>>> {
    let mut parts = vec![Vec::new()];
    let mut size = 0;
    for event in events {
        let bytes = event.envelope().payload_bytes().len() + ENVELOPE_BYTES;
        // Room for the batch's own fields, which have at most 64 hashes.
        if size + bytes > MAX_BATCH_BYTES - 8192 {
            parts.push(Vec::new());
            size = 0;
        }
        size += bytes;
        if let Some(part) = parts.last_mut() {
            part.push(event);
        }
    }
    parts
}

/// Appends batches one after the other, and remembers where it left the journal.
struct Writer<'a> {
    repository: &'a Repository,
    journal: &'a JournalName,
    /// The last commit of ours, and where the journal stood after it
    known: Option<(ObjectId, Head)>,
    report: &'a mut AppendReport,
}

impl Writer<'_> {
    fn append(&mut self, events: &[Signed<Event>]) -> Result<(), Error> {
        let name = journal_ref(self.journal)?;
        let _turn = Turn::take(self.repository);
        for _ in 0..MAX_ROUNDS {
            let git = self.repository.git();
            let tip = git
                .find_ref(&name)
                .or_failed(|| format!("cannot read `{name}`"))?;
            let head = self.head(tip)?;
            let fresh = drop_known(self.repository, tip, &head, events)?;
            self.report.already_there += (events.len() - fresh.len()) as u64;
            if fresh.is_empty() {
                self.stand(&head);
                return Ok(());
            }
            let batch = batch(self.journal, &head, &fresh);
            match publish(self.repository, &batch, tip)? {
                (Published::Done, commit) => {
                    self.report.appended += fresh.len() as u64;
                    self.report.first = self.report.first.or(Some(head.size()));
                    self.stand(&batch.head);
                    self.known = Some((commit, batch.head));
                    return Ok(());
                }
                (Published::Lost(_), _) => {
                    self.report.already_there -= (events.len() - fresh.len()) as u64;
                    back_off()?;
                }
            }
        }
        Err(conflict(&name))
    }

    /// Where the journal stands at `tip`.
    fn head(&self, tip: Option<ObjectId>) -> Result<Head, Error> {
        match (tip, &self.known) {
            (None, _) => Ok(Head::empty()),
            (Some(tip), Some((commit, head))) if tip == *commit => Ok(head.clone()),
            (Some(tip), _) => Ok(read_batch(self.repository, tip)?.head),
        }
    }

    fn stand(&mut self, head: &Head) {
        self.report.size = head.size();
        self.report.history_root = head.history_root().to_string();
    }
}

/// The batch of these events on top of a journal.
fn batch(journal: &JournalName, head: &Head, events: &[&Signed<Event>]) -> Batch {
    let mut batch = Batch {
        journal: journal.clone(),
        head: head.clone(),
        events: Vec::new(),
    };
    for event in events {
        let leaf = TreeHash::leaf(&event.id().cid());
        batch.head.push(leaf, event.statement().ulid);
        batch.events.push(event.envelope().clone());
    }
    batch
}

/// Wait a moment, so that those who race do not meet again at once.
fn back_off() -> Result<(), Error> {
    let [jitter] = random::<1>()?;
    std::thread::sleep(std::time::Duration::from_millis(u64::from(jitter % 32)));
    Ok(())
}

fn publish(
    repository: &Repository,
    batch: &Batch,
    tip: Option<ObjectId>,
) -> Result<(Published, ObjectId), Error> {
    let (journal, count) = (&batch.journal, batch.events.len());
    let message = Message::new(&format!("journal: {count} event(s) in {journal}"))
        .with_trailer("Gatos-Journal", journal.as_str())
        .with_trailer("Gatos-Size", &batch.head.size().to_string())
        .with_trailer("Gatos-History-Root", &batch.head.history_root().to_string());
    let mut publication = Publication::new(repository);
    let contents = vec![("batch", Content::Bytes(batch.encode()))];
    let commit = publication.commit(contents, tip, &message)?;
    publication.update(journal_ref(journal)?, tip, commit);
    Ok((publication.publish()?, commit))
}

/// The events that the journal does not have yet.
///
/// An identifier greater than every one so far cannot be there, so that the common case reads nothing.
fn drop_known<'e>(
    repository: &Repository,
    tip: Option<ObjectId>,
    head: &Head,
    events: &'e [Signed<Event>],
) -> Result<Vec<&'e Signed<Event>>, Error> {
    let mut wanted: BTreeMap<Ulid, &Signed<Event>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    let mut fresh = Vec::with_capacity(events.len());
    for event in events {
        if let Some(twin) = wanted.insert(event.statement().ulid, event) {
            check_same(twin.statement(), event.statement())?;
        } else {
            fresh.push(event);
        }
    }
    let old = |ulid: &Ulid| head.max_ulid.is_some_and(|max| *ulid <= max);
    let mut open: BTreeSet<Ulid> = wanted.keys().copied().filter(old).collect();
    if let (Some(tip), false) = (tip, open.is_empty()) {
        walk_back(repository, tip, |_, batch| {
            for envelope in &batch.events {
                let event = read_event(envelope)?;
                if open.remove(&event.ulid) {
                    check_same(&event, wanted[&event.ulid].statement())?;
                    known.insert(event.ulid);
                }
            }
            Ok(!open.is_empty())
        })?;
    }
    fresh.retain(|event| !known.contains(&event.statement().ulid));
    Ok(fresh)
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

/// The event of an envelope whose signatures nobody looked at.
pub(crate) fn read_event(envelope: &Envelope) -> Result<Event, Error> {
    use gatos_core::statement::Statement as _;
    let value = envelope
        .payload()
        .or_mismatch(|| "an event cannot be read".to_owned())?;
    Event::from_value(value).or_mismatch(|| "an event cannot be read".to_owned())
}
