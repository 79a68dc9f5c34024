//! The whole chain of a state: every proof follows the one before, and every checkpoint is folded again.

use std::collections::BTreeMap;
use std::mem::take;

use gatos_core::echolua::Program;
use gatos_core::fold::{Consistency, FoldProof};
use gatos_core::name::StateName;
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_git::ObjectId;

use super::claim::{check_claim, check_result};
use super::{missing_history, tip, too_short};
use crate::error::{Context, Error, ErrorKind};
use crate::fold::{Course, Stop, Stops, fold_batches, read_checkpoint, read_proof, state_ref};
use crate::journal::stored_batches;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::commits;
use crate::verify::ensure_complete;
use crate::verify::history::History;
use crate::verify::remembered::Remembered;
use crate::verify::report::ensure;

/// A checkpoint of a chain, its state not read.
pub(crate) struct Entry {
    commit: ObjectId,
    pub(crate) proof: Signed<FoldProof>,
}

/// The proofs of a state, oldest first, each of which follows the one before in this ref.
pub(super) fn read(
    repository: &Repository,
    state: &StateName,
) -> Result<(Vec<Entry>, String), Error> {
    let name = state_ref(state)?;
    let mut chain: Vec<Entry> = Vec::new();
    let policies = repository.policies();
    let mut in_force = policies.cursor(name.as_str());
    let all = commits(repository.git(), tip(repository, state)?)?;
    for commit in all.into_iter().rev() {
        let last = chain.last().map(|entry| &entry.proof);
        let next = read_next(repository, (name.as_str(), last), commit)?;
        policies
            .check_in_force(&in_force, next.proof.statement().policy_root)
            .map_err(|e| {
                let kind = e.kind();
                Error::new(kind, format!("the proof of commit {commit}")).with_source(e)
            })?;
        in_force.pass(next.proof.id());
        chain.push(next);
    }
    let detail = format!("{} checkpoint(s), each after the one before", chain.len());
    Ok((chain, detail))
}

/// The checkpoint of a commit, which must follow the one before in the ref of that name.
pub(crate) fn read_next(
    repository: &Repository,
    (name, before): (&str, Option<&Signed<FoldProof>>),
    commit: ObjectId,
) -> Result<Entry, Error> {
    let (proof, consistency) = read_proof(repository, commit)?;
    follows(name, before, (&proof, consistency.as_ref())).map_err(|e| {
        let kind = e.kind();
        Error::new(kind, format!("the proof of commit {commit}")).with_source(e)
    })?;
    Ok(Entry { commit, proof })
}

fn follows(
    name: &str,
    before: Option<&Signed<FoldProof>>,
    (proof, consistency): (&Signed<FoldProof>, Option<&Consistency>),
) -> Result<(), Error> {
    let statement = proof.statement();
    let position = before.map(|before| (&before.statement().position, before.id()));
    ensure(
        statement.position.reference == name && statement.position.follows(position),
        || "does not follow the one before it".to_owned(),
    )?;
    let Some(before) = before else {
        return ensure(statement.has_base_in_place(), || {
            "continues another one than that before it".to_owned()
        });
    };
    let last = before.statement();
    ensure(
        statement.journal != last.journal || statement.history_size >= last.history_size,
        || {
            format!(
                "has {} events of `{}`, and the one before it has {}",
                statement.history_size, statement.journal, last.history_size
            )
        },
    )?;
    match consistency {
        Some(consistency) => statement
            .check_link(before, consistency)
            .or_mismatch(|| "continues no other".to_owned()),
        None => Ok(()),
    }
}

/// Fold everything again, each fold from the first event on, and compare the state of every checkpoint.
pub(crate) fn fold_again(
    repository: &Repository,
    chain: &[Entry],
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Result<((), String), Error> {
    ensure_complete(repository)?;
    let same = |a: &Entry, b: &Entry| {
        let (a, b) = (a.proof.statement(), b.proof.statement());
        a.differs_from(b).is_none() && a.history_size <= b.history_size
    };
    let mut detail = String::new();
    for part in chain.chunk_by(same) {
        detail = fold_part(repository, part, memory, progress)?;
    }
    Ok(((), detail))
}

/// Fold the checkpoints of one fold again, in one pass.
fn fold_part(
    repository: &Repository,
    part: &[Entry],
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Result<String, Error> {
    let mut by_size: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    let mut program: Option<Program> = None;
    for entry in part {
        let checkpoint = read_checkpoint(repository, entry.commit)?;
        let read = check_claim(repository.policies(), &entry.proof, &checkpoint.program);
        program = Some(read.map_err(|e| at(entry, e))?);
        let size = entry.proof.statement().history_size;
        by_size.entry(size).or_default().push(entry);
    }
    let (Some(program), Some((&until, _))) = (program, by_size.last_key_value()) else {
        return Ok(String::new());
    };
    let first = part[0].proof.statement();
    let course = Course {
        program: &program,
        places: None,
        limits: first.limits,
        from: None,
        stops: Stops {
            at: by_size.keys().copied().collect(),
            until: Some(until),
            ..Stops::default()
        },
    };
    let mut history = History::new(first.journal.clone(), repository.policies());
    let batches = stored_batches(repository, &first.journal).map_err(missing_history)?;
    let mut root = None;
    let compare = |stop: Stop| {
        let tree = StateTree::build(&stop.state);
        root = Some(tree.root);
        let entries = by_size.get_mut(&stop.head.size()).map(take);
        for entry in entries.unwrap_or_default() {
            let blocks = read_checkpoint(repository, entry.commit)?.blocks;
            check_result(entry.proof.statement(), &blocks, (&stop.head, &tree))
                .map_err(|e| at(entry, e))?;
        }
        Ok(())
    };
    fold_batches(course, (&mut history, memory), batches, progress, compare)?;
    let found = history.size();
    if found < until {
        return Err(too_short(&first.journal, (found, until)));
    }
    if let Some(size) = by_size.into_iter().find(|(_, left)| !left.is_empty()) {
        let message = format!(
            "no batch of `{}` ends after {} events",
            first.journal, size.0
        );
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let root = root.map(|root| root.to_string()).unwrap_or_default();
    Ok(format!(
        "{until} event(s) of `{}` give {root}",
        first.journal
    ))
}

fn at(entry: &Entry, error: Error) -> Error {
    let seq = entry.proof.statement().position.seq;
    let kind = error.kind();
    Error::new(kind, format!("checkpoint {seq}")).with_source(error)
}
