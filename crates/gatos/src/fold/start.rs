//! Where a fold begins: at the newest checkpoint that this clone knows to be true, or at the first event.

use gatos_core::fold::FoldProof;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::ObjectId;

use super::show::{load, read_checkpoint, read_proof};
use super::terms::Terms;
use crate::error::{Context, Error};
use crate::journal::{Tail, tail};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::verify::Remembered;

/// Where a fold begins, and what stands in its ref already.
pub(super) struct Start {
    /// The newest checkpoint, of whatever fold
    pub(super) tip: Option<Tip>,
    /// The checkpoint to go on from
    pub(super) known: Option<Known>,
}

/// The newest checkpoint of a ref.
#[derive(Clone)]
pub(super) struct Tip {
    pub(super) commit: ObjectId,
    pub(super) proof: Signed<FoldProof>,
    /// Whether it can be continued, provided that it is true
    pub(super) may_continue: bool,
}

/// A checkpoint that was folded or found true here.
pub(super) struct Known {
    pub(super) commit: ObjectId,
    pub(super) state: Value,
    pub(super) tail: Tail,
}

impl Start {
    /// Number of events that need not be folded again.
    pub(super) fn size(&self) -> u64 {
        self.known
            .as_ref()
            .map_or(0, |known| known.tail.from.batch.head.size())
    }
}

/// Find where to begin.
///
/// Somebody else's checkpoint is not continued for their signature alone: nobody's signature replaces
/// the fold, and the next proof would vouch for theirs.
pub(super) fn find_start(
    repository: &Repository,
    terms: &Terms,
    memory: &Remembered,
) -> Result<Start, Error> {
    let name = ref_name(terms.reference())?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    let Some(commit) = tip else {
        return Ok(Start {
            tip: None,
            known: None,
        });
    };
    let (proof, _) = read_proof(repository, commit)?;
    let tip = Tip {
        commit,
        may_continue: terms.may_continue(repository, &proof),
        proof,
    };
    let known = tip
        .may_continue
        .then(|| find_known(repository, terms, memory, commit));
    Ok(Start {
        tip: Some(tip),
        known: known.flatten(),
    })
}

/// The newest checkpoint of the same fold that was found true here, if what it was folded from is here
/// as well. Whatever is amiss on the way only means that the fold begins at the first event.
fn find_known(
    repository: &Repository,
    terms: &Terms,
    memory: &Remembered,
    tip: ObjectId,
) -> Option<Known> {
    for step in repository.git().history(tip) {
        let (commit, _) = step.ok()?;
        let (proof, _) = read_proof(repository, commit).ok()?;
        if !terms.may_continue(repository, &proof) {
            return None;
        }
        if memory.knows_fold(proof.id()) {
            return known(repository, memory, (commit, proof.statement()));
        }
    }
    None
}

fn known(
    repository: &Repository,
    memory: &Remembered,
    (commit, proof): (ObjectId, &FoldProof),
) -> Option<Known> {
    let tail = tail(repository, &proof.journal, proof.history_size).ok()??;
    let head = &tail.from.batch.head;
    if head.history_root() != proof.history_root || !memory.knows_batch(&tail.from.id) {
        return None;
    }
    let state = load(&read_checkpoint(repository, commit).ok()?).ok()?;
    Some(Known {
        commit,
        state,
        tail,
    })
}
