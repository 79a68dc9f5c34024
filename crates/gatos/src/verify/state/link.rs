//! One link of a state's chain: from the state before, with the events between, to the state after.

use gatos_core::fold::FoldProof;
use gatos_core::state::StateTree;
use gatos_git::ObjectId;

use super::claim::{Kept, check_claim, check_fold, check_result};
use super::{missing_history, too_short};
use crate::error::{Context, Error, ErrorKind};
use crate::fold::{Checkpoint, Course, Stops, fold_batches, load, read_checkpoint};
use crate::journal::{Tail, stored_batches, tail};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::verify::history::History;
use crate::verify::remembered::Remembered;
use crate::verify::report::{ensure, mismatch};

/// A checkpoint, and the one that it continues.
pub(super) struct Link {
    newest: Checkpoint,
    base: Option<Checkpoint>,
}

impl Link {
    pub(super) fn describe(&self) -> String {
        let seq = self.newest.proof.statement().position.seq;
        match &self.base {
            None => format!("checkpoint {seq} begins at the first event"),
            Some(_) => format!(
                "checkpoint {seq} continues checkpoint {}",
                seq.saturating_sub(1)
            ),
        }
    }

    /// What was not verified, for the report.
    pub(super) fn taken_as_said(&self) -> Option<String> {
        let base = self.base.as_ref()?.proof.statement();
        let (seq, size, journal) = (base.position.seq, base.history_size, &base.journal);
        Some(format!(
            "checkpoint {seq} and the {size} event(s) of `{journal}` before it were taken as signed: \
             --full folds from the first event on"
        ))
    }
}

/// Read the newest checkpoint and the one that it continues, and check all that needs no fold.
pub(super) fn read(repository: &Repository, tip: ObjectId) -> Result<Link, Error> {
    let newest = read_checkpoint(repository, tip)?;
    let policies = repository.policies();
    check_claim(policies, &newest.proof, &newest.program)?;
    let Some(consistency) = &newest.consistency else {
        return Ok(Link { newest, base: None });
    };
    // The first step is the checkpoint itself.
    let parent = repository.git().history(tip).nth(1);
    let Some(parent) = parent else {
        return mismatch("it continues a checkpoint, and there is none before it");
    };
    let (parent, _) = parent.context(ErrorKind::Incomplete, || {
        "the checkpoint that it continues is not here".to_owned()
    })?;
    let base = read_checkpoint(repository, parent)?;
    newest
        .proof
        .statement()
        .check_link(&base.proof, consistency)
        .or_mismatch(|| "the newest checkpoint".to_owned())?;
    check_claim(policies, &base.proof, &base.program).map_err(|e| {
        let kind = e.kind();
        Error::new(kind, "the checkpoint that it continues").with_source(e)
    })?;
    Ok(Link {
        newest,
        base: Some(base),
    })
}

/// Fold the events of the link again.
pub(super) fn fold_again(
    repository: &Repository,
    link: &Link,
    progress: &mut dyn Progress,
) -> Result<((), String), Error> {
    // What was verified before helps here; what this finds is not remembered, since where the fold
    // begins is taken as signed.
    let mut memory = Remembered::of(repository);
    match &link.base {
        Some(base) => between(repository, (base, &link.newest), &mut memory, progress),
        None => whole(repository, &link.newest, &mut memory, progress),
    }
    .map(|detail| ((), detail))
}

fn whole(
    repository: &Repository,
    newest: &Checkpoint,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Result<String, Error> {
    let journal = &newest.proof.statement().journal;
    let batches = stored_batches(repository, journal).map_err(missing_history)?;
    let kept = Kept {
        program: &newest.program,
        blocks: &newest.blocks,
    };
    let context = (repository.policies(), memory);
    check_fold(context, &newest.proof, &kept, batches, progress).map(|(_, detail)| detail)
}

fn between(
    repository: &Repository,
    (base, newest): (&Checkpoint, &Checkpoint),
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Result<String, Error> {
    let (before, proof) = (base.proof.statement(), newest.proof.statement());
    let (policies, journal) = (repository.policies(), &proof.journal);
    let tail = tail_of(repository, before)?;
    let program = check_claim(policies, &newest.proof, &newest.program)?;
    let course = Course {
        program: &program,
        places: None,
        limits: proof.limits,
        from: Some(load(base)?),
        stops: Stops {
            until: Some(proof.history_size),
            ..Stops::default()
        },
    };
    let head = tail.from.batch.head.clone();
    let earlier = Box::new(|| tail.earlier_identifiers(repository));
    let mut history = History::after(journal.clone(), policies, head, earlier);
    let mut end = None;
    let batches = tail.batches(repository);
    fold_batches(course, (&mut history, memory), batches, progress, |stop| {
        end = Some(stop);
        Ok(())
    })?;
    let found = history.size();
    let stop = end.filter(|_| found >= proof.history_size);
    let stop = stop.ok_or_else(|| too_short(journal, (found, proof.history_size)))?;
    let tree = StateTree::build(&stop.state);
    check_result(proof, &newest.blocks, (&stop.head, &tree))?;
    let new = proof.history_size - before.history_size;
    Ok(format!("{new} event(s) of `{journal}` give {}", tree.root))
}

/// The journal from where a proof's history ends.
fn tail_of(repository: &Repository, before: &FoldProof) -> Result<Tail, Error> {
    let (journal, size) = (&before.journal, before.history_size);
    let tail = tail(repository, journal, size).map_err(missing_history)?;
    let Some(tail) = tail else {
        let message = format!("no batch of `{journal}` ends after its first {size} events");
        return Err(Error::new(ErrorKind::Mismatch, message));
    };
    // The frontier is bound by the root that is signed.
    ensure(
        tail.from.batch.head.history_root() == before.history_root,
        || format!("the history root of the first {size} events is another"),
    )?;
    Ok(tail)
}
