//! Events that would come into a journal: each by its signature, by the policy that it names, and by
//! the one in force where it stands.

use gatos_core::cbor;
use gatos_core::journal::{Event, Head};
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::Signed;
use gatos_git::ObjectId;
use gatos_policy::Intent;

use super::content::exactly;
use super::court::Court;
use super::rules::Objection;
use crate::error::{Error, ErrorKind};
use crate::journal::{identifiers, read_batch};
use crate::policy::event_deed;
use crate::verify::{History, authorize_actor, ensure};

/// Events that are verified together.
const CHUNK_EVENTS: usize = 4096;

/// Check what would come into a journal after the commit `old`.
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
    let mut history = History::after(journal.clone(), after.policies(), head, before);
    let mut floor = court.floor();
    let (mut chunk, mut pending) = (Vec::new(), 0);
    let mut commits = commits.iter().peekable();
    while let Some(commit) = commits.next() {
        exactly(court, *commit, &["batch"])?;
        let batch = read_batch(after, *commit)?;
        pending += batch.events.len();
        chunk.push(batch);
        if pending < CHUNK_EVENTS && commits.peek().is_some() {
            continue;
        }
        pending = 0;
        let first = history.size();
        for (index, event) in (first..).zip(history.extend(std::mem::take(&mut chunk))?) {
            floor = received(court, &event, floor).map_err(|e| {
                let kind = e.kind();
                Error::new(kind, format!("event {index} of `{journal}`")).with_source(e)
            })?;
            // By the policy that is in force where it stands: the one that it names.
            let root = event.statement().policy;
            let deed = || Ok(event_deed(&event, index));
            court.ask(name, (root, Intent::EventAppend), deed)?;
        }
    }
    Ok(())
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
