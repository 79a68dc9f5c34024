//! Appending events: signed, in batches, idempotent.

use gatos_core::cbor;
use gatos_core::envelope::Envelope;
use gatos_core::journal::{Event, MAX_BATCH_EVENTS};
use gatos_core::keys::{SignError, Signer};
use gatos_core::name::{ActorName, JournalName};
use gatos_core::policy::Role;
use gatos_core::statement::{SealError, Signed};
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};

use super::appender::{Appender, batches_within_size};
use super::journal_ref;
use super::read::read_batch;
use crate::clock::new_ulid;
use crate::error::{Context, Error, ErrorKind};
use crate::policy;
use crate::progress::Progress;
use crate::repository::Repository;

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

impl Draft {
    /// What an event says, to be signed once more.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            event_type: event.event_type.clone(),
            payload: event.payload.clone(),
            ulid: Some(event.ulid),
            ts: event.ts,
        }
    }
}

/// What an append did.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
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
/// A signer who may not append, what the rules in force say no to, a payload that is too large or ill-formed, an identifier that is taken by
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
    policy::append(repository, (&actor, signer.public_key()), journal, &drafts)?;
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
    let mut appender = Appender::new(journal.clone());
    std::thread::scope(|scope| -> Result<(), Error> {
        // The next thousand are signed while these are written.
        let mut chunks = drafts.chunks(MAX_BATCH_EVENTS);
        let mut signed = sign(chunks.next().unwrap_or_default())?;
        loop {
            let next = chunks.next().map(|chunk| scope.spawn(move || sign(chunk)));
            for part in batches_within_size(signed) {
                for told in appender.append(repository, &[&part]) {
                    report.go_on(told?);
                }
                progress.advance(part.len() as u64);
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

impl AppendReport {
    /// The report of this and of one more batch.
    fn go_on(&mut self, next: Self) {
        self.appended += next.appended;
        self.already_there += next.already_there;
        self.size = next.size;
        self.history_root = next.history_root;
        self.first = self.first.or(next.first);
    }
}

/// Sign `drafts` without appending them, for whoever appends signed events.
///
/// # Errors
/// A signer who may not append, what the rules in force say no to, or a payload that is too large or
/// ill-formed.
pub fn sign(
    repository: &Repository,
    journal: &JournalName,
    drafts: Vec<Draft>,
    signer: &(dyn Signer + Sync),
) -> Result<Vec<Signed<Event>>, Error> {
    let actor = acting(repository, signer, Role::Append)?;
    let drafts = with_ulids(drafts)?;
    policy::append(repository, (&actor, signer.public_key()), journal, &drafts)?;
    sign_all(repository, journal, &actor, &drafts, signer)
}

/// Append events that are signed for this journal; at most as many as a batch holds.
///
/// # Errors
/// As [`append`], but for what signing needs.
pub fn append_signed(
    repository: &Repository,
    journal: &JournalName,
    events: &[Signed<Event>],
) -> Result<AppendReport, Error> {
    let mut reports = Appender::new(journal.clone())
        .append(repository, &[events])
        .into_iter();
    // One caller is told one thing.
    reports
        .next()
        .unwrap_or_else(|| Err(Error::new(ErrorKind::Failed, "nothing was appended")))
}

/// Number of events that the journal has.
pub(crate) fn size(repository: &Repository, journal: &JournalName) -> Result<u64, Error> {
    let name = journal_ref(journal)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    tip.map_or(Ok(0), |tip| Ok(read_batch(repository, tip)?.head.size()))
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
        check_size(cbor::encoded_len(&draft.payload), max)?;
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
        Signed::seal(event, signer).map_err(not_sealed)
    };
    drafts.into_par_iter().map(sign).collect()
}

/// A payload must not be larger than the profile in force allows.
pub(super) fn check_size(size: usize, max: u64) -> Result<(), Error> {
    if size as u64 <= max {
        return Ok(());
    }
    let message = format!("a payload has {size} bytes, more than the {max} allowed");
    Err(Error::new(ErrorKind::Usage, message)
        .with_hint("keep bulk data in files, which jobs take as inputs"))
}

/// What people hand in may be no event, and a key may not sign.
fn not_sealed(error: SealError) -> Error {
    let (kind, what) = match &error {
        SealError::Sign(SignError::Signer { .. }) => (ErrorKind::Failed, "the key does not sign"),
        SealError::Field(_) => (ErrorKind::Usage, "this cannot be an event"),
        SealError::Sign(_) | SealError::NotCanonical { .. } => {
            (ErrorKind::Usage, "the payload cannot be an event's")
        }
    };
    Error::new(kind, what).with_source(error)
}

/// The event of an envelope whose signatures nobody looked at.
pub(crate) fn read_event(envelope: &Envelope) -> Result<Event, Error> {
    use gatos_core::statement::Statement as _;
    let value = envelope
        .payload()
        .or_mismatch(|| "an event cannot be read".to_owned())?;
    Event::from_value(value).or_mismatch(|| "an event cannot be read".to_owned())
}
