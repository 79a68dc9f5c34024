//! Events that would come into a journal: each by its signature, by the policy that it names, and by
//! the one in force where it stands.

use gatos_core::cbor;
use gatos_core::journal::{Batch, Event, Head};
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::Signed;
use gatos_git::ObjectId;
use gatos_policy::Intent;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::content::exactly;
use super::court::Court;
use super::rules::Objection;
use crate::error::{Context as _, Error, ErrorKind};
use crate::journal::{identifiers, read_batch};
use crate::policy::{Agreements, Law, Ruling, event_deed};
use crate::repository::Repository;
use crate::verify::{History, authorize_actor, ensure};

/// Events that are verified together.
const CHUNK_EVENTS: usize = 4096;
/// Commits that are read together.
const CHUNK_COMMITS: usize = 8;
/// Events about which the rules are asked together; what comes after the first no is asked in vain.
const CHUNK_ASKED: usize = 1024;

/// Check what would come into a journal after the commit `old`. Events are read, verified and judged on
/// all cores; what is said is of the first that is wrong, however many there are.
///
/// # Errors
/// The first event or batch that is wrong.
pub(super) fn check(
    court: &Court<'_>,
    (name, journal): (&str, &JournalName),
    old: Option<ObjectId>,
    commits: &[ObjectId],
) -> Result<(), Objection> {
    let after = court.believed()?;
    let head = match old {
        None => Head::empty(),
        Some(old) => read_batch(after, old)?.head,
    };
    let before = Box::new(move || old.map_or(Ok(Vec::new()), |old| identifiers(after, old)));
    let mut arriving = Arriving {
        court,
        name,
        journal,
        history: History::after(journal.clone(), after.policies(), head, before),
        floor: court.floor(),
    };
    let (mut chunk, mut pending) = (Vec::new(), 0);
    for part in commits.chunks(CHUNK_COMMITS) {
        let view = &court.view;
        let read: Vec<_> = part.par_iter().map(|commit| batch(view, *commit)).collect();
        for batch in read {
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    // What stands before it is looked at first.
                    arriving.take(chunk)?;
                    return Err(error.into());
                }
            };
            pending += batch.events.len();
            chunk.push(batch);
            if pending >= CHUNK_EVENTS {
                pending = 0;
                arriving.take(std::mem::take(&mut chunk))?;
            }
        }
    }
    arriving.take(chunk)
}

/// The batch of a commit, which holds nothing else.
fn batch(view: &gatos_git::Repository, commit: ObjectId) -> Result<Batch, Error> {
    let bytes = exactly(view, commit, &["batch"])?.blob("batch")?;
    Batch::decode(&bytes).or_mismatch(|| format!("commit {commit} holds no batch of events"))
}

/// A journal that is looked at from some batch on.
struct Arriving<'a, 'p> {
    court: &'a Court<'p>,
    name: &'a str,
    journal: &'a JournalName,
    history: History<'a>,
    /// The number of the policy that is in force at the next event
    floor: u64,
}

impl Arriving<'_, '_> {
    /// Look at the next batches.
    fn take(&mut self, batches: Vec<Batch>) -> Result<(), Objection> {
        let first = self.history.size();
        let events: Vec<_> = (first..).zip(self.history.extend(batches)?).collect();
        let mut sound = events.as_slice();
        let mut wrong = None;
        for (count, (index, event)) in events.iter().enumerate() {
            match received(self.court, event, self.floor) {
                Ok(floor) => self.floor = floor,
                Err(error) => {
                    let what = format!("event {index} of `{}`", self.journal);
                    wrong = Some(Error::new(error.kind(), what).with_source(error));
                    sound = events.get(..count).unwrap_or_default();
                    break;
                }
            }
        }
        permitted(self.court, self.name, sound)?;
        wrong.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// Ask the rules about events, each by the policy that is in force where it stands: the one that it names.
///
/// # Errors
/// What they say no to, or that they cannot be asked: of the first event of which that is so.
fn permitted(
    court: &Court<'_>,
    name: &str,
    events: &[(u64, Signed<Event>)],
) -> Result<(), Objection> {
    let (after, agreements) = (court.believed()?, &court.agreements);
    for part in events.chunks(CHUNK_ASKED) {
        let governed = part.iter().any(|(_, event)| {
            let law = Law::of(after.policies(), event.statement().policy);
            law.map_or(true, |law| law.governs(Intent::EventAppend))
        });
        if !governed {
            continue;
        }
        agreements.prepare(after)?;
        let said: Vec<_> = part
            .par_iter()
            .map(|(index, event)| ask((after, agreements), event, *index))
            .collect();
        for ruling in said {
            if let Some(ruling) = ruling? {
                court.accept(name, ruling)?;
            }
        }
    }
    Ok(())
}

/// What the rules say to an event, if that is more than yes.
fn ask(
    (after, agreements): (&Repository, &Agreements),
    event: &Signed<Event>,
    index: u64,
) -> Result<Option<Ruling>, Error> {
    let law = Law::of(after.policies(), event.statement().policy)?;
    if !law.governs(Intent::EventAppend) {
        return Ok(None);
    }
    let deed = event_deed(event, index);
    let about = agreements.about((after, &law), &deed)?;
    let ruling = law.ask(&deed, &about)?;
    Ok((!ruling.is_plain()).then_some(ruling))
}

/// The event as it is received: by the later of the policy that it names and the one in force.
fn received(court: &Court<'_>, event: &Signed<Event>, floor: u64) -> Result<u64, Error> {
    let statement = event.statement();
    let (seq, bundle) = court.in_force(&statement.policy, floor)?;
    authorize_actor(
        &bundle.trust,
        event.signers(),
        (Role::Append, &statement.actor),
    )
    .map_err(|e| e.with_hint("the policy has changed since it was signed"))?;
    let max = bundle.profile.max_event_bytes;
    let size = cbor::encoded_len(&statement.payload) as u64;
    ensure(size <= max, || {
        format!("its payload has {size} bytes, more than the {max} allowed")
    })?;
    identity(court, event)?;
    Ok(seq)
}

/// Whoever pushes speaks for themselves, where the server knows who pushes.
fn identity(court: &Court<'_>, event: &Signed<Event>) -> Result<(), Error> {
    let actor = event.statement().actor.as_str();
    match &court.push.pusher {
        Some(pusher) if pusher != actor => Err(Error::new(
            ErrorKind::Untrusted,
            format!("`{pusher}` pushes what `{actor}` signed"),
        )
        .with_hint(format!("`{actor}` pushes it"))),
        _ => Ok(()),
    }
}
