//! Folding events that are not recorded yet, so that nobody records what their program cannot fold.

use gatos_core::echolua::{Fold, Limits};
use gatos_core::journal::Event;
use gatos_core::name::ActorName;
use gatos_core::value::Value;

use super::engine::{NO_STATE, Stops, ended};
use super::run::{Request, fold};
use super::start::find_start;
use super::terms::Terms;
use crate::clock::new_ulid;
use crate::error::Error;
use crate::journal::{Draft, exists};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::verify::Remembered;

/// Fold a journal as it is, and then `drafts` of `actor` as if they were its next events. Nothing is kept.
///
/// # Errors
/// A program that is not EchoLua or ends with an error, or a journal that does not verify.
pub(crate) fn rehearse(
    repository: &Repository,
    request: &Request,
    (actor, drafts): (&ActorName, &[Draft]),
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let (program, places) = request.program.load()?;
    let terms = Terms::of(repository, request, program)?;
    let places = places.as_ref();
    let (mut size, mut state) = (0, None);
    if exists(repository, &request.journal)? {
        let mut memory = Remembered::of(repository);
        let start = find_start(repository, &terms, &memory)?;
        let parts = (repository, &terms, places);
        let stops = (start, Stops::default());
        fold(parts, stops, &mut memory, progress, |stop| {
            (size, state) = (stop.head.size(), Some(stop.state));
            Ok(())
        })?;
        memory.keep();
    }
    let limits = Limits {
        fuel_per_event: terms.limits.fuel_per_event,
        memory_bytes: terms.limits.memory_bytes,
    };
    let mut fold = Fold::start(&terms.program, limits, state.as_ref())
        .map_err(|error| ended("the fold program cannot begin", places, error))?;
    for (number, draft) in (1..).zip(drafts) {
        let input = input(repository, request, (actor, draft), size + number - 1)?;
        fold.step(&input).map_err(|error| {
            ended(
                &format!("the fold ends at result event {number}"),
                places,
                error,
            )
        })?;
    }
    fold.state()
        .map_err(|error| ended(NO_STATE, places, error))?;
    Ok(())
}

/// What the fold sees of a draft once it is the event at `index`.
fn input(
    repository: &Repository,
    request: &Request,
    (actor, draft): (&ActorName, &Draft),
    index: u64,
) -> Result<Value, Error> {
    let event = Event {
        repo: repository.id(),
        journal: request.journal.clone(),
        ulid: draft.ulid.map_or_else(new_ulid, Ok)?,
        event_type: draft.event_type.clone(),
        actor: actor.clone(),
        payload: draft.payload.clone(),
        ts: draft.ts,
        policy: repository.policy().0,
    };
    Ok(event.into_fold_input(index))
}
