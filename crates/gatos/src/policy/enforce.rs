//! Where the rules in force are asked before something is signed or let in. Whoever lets something
//! happen asks here; on a server, the gate asks as well.

use std::collections::BTreeSet;

use gatos_core::cid::Cid;
use gatos_core::experiment::ExperimentProof;
use gatos_core::fold::FoldProof;
use gatos_core::governance::{Subject, Use};
use gatos_core::id::FoldRoot;
use gatos_core::job::ExecutionProof;
use gatos_core::journal::Event;
use gatos_core::keys::PublicKey;
use gatos_core::name::{ActorName, JournalName};
use gatos_core::statement::Signed;
use gatos_policy::Intent;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::agreement::Agreements;
use super::deed::{By, Deed, EventFacts};
use super::law::{Law, Ruling};
use crate::error::Error;
use crate::journal::{self, Draft};
use crate::repository::Repository;

/// Deeds about which the rules are asked together; what comes after the first no is asked in vain.
const CHUNK_ASKED: usize = 1024;

/// Check that the rules in force let an actor append these events. The rules are asked on all cores; what
/// is said is of the first event that may not be, however many there are.
///
/// # Errors
/// What the rules say no to, by its first reason.
pub(crate) fn append(
    repository: &Repository,
    (actor, key): (&ActorName, PublicKey),
    journal: &JournalName,
    drafts: &[Draft],
) -> Result<(), Error> {
    let Some(law) = governing(repository, Intent::EventAppend)? else {
        return Ok(());
    };
    let agreements = Agreements::default();
    agreements.prepare(repository)?;
    let position = journal::size(repository, journal)?;
    // What one of these events uses up is of no use to the next.
    let mut used = BTreeSet::new();
    let deed = |(index, draft): (u64, &Draft)| {
        let event = EventFacts {
            journal,
            event_type: &draft.event_type,
            ulid: draft.ulid,
            payload: &draft.payload,
            ts: draft.ts,
            position: position.saturating_add(index),
        };
        let deed = Deed::event(By::key(actor, key), event);
        let about = agreements.about((repository, &law), &deed)?;
        Ok((deed, about))
    };
    let drafts: Vec<_> = (0_u64..).zip(drafts).collect();
    for part in drafts.chunks(CHUNK_ASKED) {
        let deeds: Vec<Result<_, Error>> = part.par_iter().copied().map(deed).collect();
        let (mut asked, mut wrong) = (Vec::with_capacity(deeds.len()), Ok(()));
        for deed in deeds {
            match deed {
                Ok((deed, mut about)) => {
                    if !about.is_empty() {
                        let content = content(&deed);
                        about.retain(|agreement| {
                            agreement.uses != Use::Single || !used.contains(&content)
                        });
                        used.insert(content);
                    }
                    asked.push((deed, about));
                }
                Err(error) => {
                    wrong = Err(error);
                    break;
                }
            }
        }
        let said: Vec<_> = asked
            .par_iter()
            .map(|(deed, about)| accept(&law.ask(deed, about)?))
            .collect();
        said.into_iter().collect::<Result<(), Error>>()?;
        wrong?;
    }
    Ok(())
}

/// Check that the rules in force let in an event that somebody signed.
///
/// # Errors
/// As [`append`].
pub(crate) fn admit(repository: &Repository, signed: &Signed<Event>) -> Result<(), Error> {
    let Some(law) = governing(repository, Intent::EventAppend)? else {
        return Ok(());
    };
    let position = journal::size(repository, &signed.statement().journal)?;
    let deed = event_deed(signed, position);
    let about = Agreements::default().about((repository, &law), &deed)?;
    accept(&law.ask(&deed, &about)?)
}

/// A signed event as a deed.
pub(crate) fn event_deed(signed: &Signed<Event>, position: u64) -> Deed {
    let event = signed.statement();
    let by = By {
        actor: Some(event.actor.clone()),
        keys: signed.signers().to_vec(),
    };
    let facts = EventFacts {
        journal: &event.journal,
        event_type: &event.event_type,
        ulid: Some(event.ulid),
        payload: &event.payload,
        ts: event.ts,
        position,
    };
    Deed::event(by, facts)
}

/// Check that the rules in force let an actor sign this checkpoint.
///
/// # Errors
/// As [`append`].
pub(crate) fn checkpoint(
    repository: &Repository,
    (actor, key): (&ActorName, PublicKey),
    proof: &FoldProof,
    previous: Option<FoldRoot>,
) -> Result<(), Error> {
    let deed = |by| Deed::checkpoint(by, proof, previous);
    ask(repository, Intent::StateCheckpoint, || {
        deed(By::key(actor, key))
    })
}

/// Check that the rules in force let an actor publish this experiment.
///
/// # Errors
/// As [`append`].
pub(crate) fn publish(
    repository: &Repository,
    (actor, key): (&ActorName, PublicKey),
    proof: &ExperimentProof,
    execution: &ExecutionProof,
) -> Result<(), Error> {
    let deed = |by| Deed::publication(by, proof, execution);
    ask(repository, Intent::ExperimentPublish, || {
        deed(By::key(actor, key))
    })
}

fn ask(repository: &Repository, intent: Intent, deed: impl FnOnce() -> Deed) -> Result<(), Error> {
    let Some(law) = governing(repository, intent)? else {
        return Ok(());
    };
    let deed = deed();
    let about = Agreements::default().about((repository, &law), &deed)?;
    accept(&law.ask(&deed, &about)?)
}

/// The law in force, if one of its rules is about the intent.
fn governing(repository: &Repository, intent: Intent) -> Result<Option<Law<'_>>, Error> {
    let law = Law::in_force(repository)?;
    Ok(law.governs(intent).then_some(law))
}

fn accept(ruling: &Ruling) -> Result<(), Error> {
    ruling.refusal().map_or(Ok(()), Err)
}

fn content(deed: &Deed) -> Option<Cid> {
    deed.subjects.iter().find_map(|subject| match subject {
        Subject::Content(cid) => Some(*cid),
        _ => None,
    })
}
