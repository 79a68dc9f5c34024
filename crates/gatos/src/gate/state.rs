//! Checkpoints that would come into a state: each follows the one before, and each is folded again.

use gatos_core::policy::Role;
use gatos_git::ObjectId;
use gatos_policy::Intent;

use super::content::only;
use super::court::Court;
use super::rules::Objection;
use crate::error::{Error, ErrorKind};
use crate::fold::read_proof;
use crate::journal::exists;
use crate::policy::{By, Deed};
use crate::progress::Unwatched;
use crate::verify::{Remembered, authorize, fold_again, read_next};

/// Check what would come into a state after the commit `old`. Whatever a checkpoint continues, the fold
/// is run from the first event on.
///
/// # Errors
/// The first checkpoint that is wrong.
pub(super) fn check(
    court: &Court<'_>,
    (name, old): (&str, Option<ObjectId>),
    commits: &[ObjectId],
) -> Result<(), Objection> {
    let after = court.believed()?;
    let old = old.map(|old| read_proof(after, old)).transpose()?;
    let mut before = old.map(|(proof, _)| proof);
    let mut chain = Vec::new();
    for commit in commits {
        only(
            &court.view,
            *commit,
            &["consistency", "program", "proof", "state"],
        )?;
        let next = read_next(after, (name, before.as_ref()), *commit)?;
        let proof = next.proof.statement();
        let (_, bundle) = court.in_force(&proof.policy_root, court.floor())?;
        authorize(&bundle.trust, next.proof.signers(), Role::Fold)?;
        if !exists(after, &proof.journal)? {
            let message = format!("there is no journal `{}`", proof.journal);
            return Err(incomplete(Error::new(ErrorKind::Incomplete, message)).into());
        }
        let previous = before.as_ref().map(|proof| proof.statement().fold_root);
        let deed = || {
            let signers = next.proof.signers();
            let named = after.policies().get(&proof.policy_root)?;
            let actor = signers.first().and_then(|key| named.trust.actor_of(key));
            let by = By {
                actor: actor.map(|(name, _)| name.clone()),
                keys: signers.to_vec(),
            };
            Ok(Deed::checkpoint(by, proof, previous))
        };
        court.ask(name, (proof.policy_root, Intent::StateCheckpoint), deed)?;
        before = Some(next.proof.clone());
        chain.push(next);
    }
    // Nothing that this clone or anybody else verified before counts here.
    let memory = &mut Remembered::of_this_process();
    fold_again(after, &chain, memory, &mut Unwatched)
        .map(|_| ())
        .map_err(|error| incomplete(error).into())
}

/// What is missing can be pushed.
fn incomplete(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Incomplete => error.with_hint("push the journal with the state, or before it"),
        _ => error,
    }
}
