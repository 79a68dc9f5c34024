//! The states of a history, after any number of events: from the nearest checkpoint on, folded.

use std::collections::BTreeMap;

use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::fold::FoldProof;
use gatos_core::name::{JournalName, StateName};
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::ObjectId;

use crate::error::{Context, Error, ErrorKind};
use crate::fold::{At, OpenState, Point, load, open, read_checkpoint, read_program};
use crate::journal::{read_batch, read_event, tip};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, commits};

/// The states that the program of one checkpoint gives, after any number of its journal's events.
pub(super) struct Timeline<'r> {
    repository: &'r Repository,
    state: StateName,
    /// The proof of the newest state
    newest: FoldProof,
    program: Program,
    /// The checkpoints of the same fold, by number of events
    kept: BTreeMap<u64, ObjectId>,
    /// The batches of the journal: number of events before each, and its commit
    batches: Vec<(u64, ObjectId)>,
    /// A state that was folded
    folded: Option<(u64, Value)>,
}

impl<'r> Timeline<'r> {
    /// The states up to that of a checkpoint.
    pub(super) fn of(repository: &'r Repository, newest: &OpenState) -> Result<Self, Error> {
        let proof = newest.proof.statement();
        let folder = Folder::of_commit(repository.git(), newest.commit)?;
        let mut kept = BTreeMap::new();
        for commit in commits(repository.git(), newest.commit)? {
            let earlier: Signed<FoldProof> =
                Folder::of_commit(repository.git(), commit)?.signed("proof")?;
            let earlier = earlier.statement();
            if same_fold(earlier, proof) {
                kept.entry(earlier.history_size).or_insert(commit);
            }
        }
        Ok(Self {
            repository,
            state: newest.state.clone(),
            newest: proof.clone(),
            program: read_program(&folder.blob("program")?, &proof.engine)?,
            kept,
            batches: Vec::new(),
            folded: None,
        })
    }

    /// The checkpoints of the same fold, by number of events.
    pub(super) const fn kept(&self) -> &BTreeMap<u64, ObjectId> {
        &self.kept
    }

    /// The journal.
    pub(super) const fn journal(&self) -> &JournalName {
        &self.newest.journal
    }

    /// Number of events that an end of a search means.
    pub(super) fn size_of(&self, end: &End) -> Result<u64, Error> {
        let most = self.newest.history_size;
        let point = match end {
            End::Events(size) if *size <= most => return Ok(*size),
            End::Events(size) => {
                let message = format!("`{}` was folded from {most} events, not {size}", self.state);
                return Err(Error::new(ErrorKind::Usage, message));
            }
            End::Checkpoint(at) => Point {
                state: Some(self.state.clone()),
                at: at.clone(),
            },
        };
        let found = open(self.repository, &point)?;
        let proof = found.proof.statement();
        if same_fold(proof, &self.newest) && proof.history_size <= most {
            return Ok(proof.history_size);
        }
        let message = format!(
            "the checkpoint `{at}` of `{}` was folded by another program than the bad one, or from another \
             journal",
            self.state,
            at = point.at
        );
        Err(Error::new(ErrorKind::Usage, message)
            .with_hint("name a number of events: the program of the bad state is run on them"))
    }

    /// The state after so many events.
    pub(super) fn state_at(&mut self, size: u64) -> Result<Value, Error> {
        if let Some(commit) = self.kept.get(&size) {
            return load(&read_checkpoint(self.repository, *commit)?);
        }
        let kept = self.kept.range(..size).next_back();
        let kept = kept.map(|(begin, commit)| (*begin, *commit));
        let folded = self.folded.take().filter(|(begin, _)| *begin <= size);
        let (begin, base) = match (kept, folded) {
            (Some((begin, commit)), folded)
                if folded.as_ref().is_none_or(|(at, _)| *at < begin) =>
            {
                (
                    begin,
                    Some(load(&read_checkpoint(self.repository, commit)?)?),
                )
            }
            (_, Some((begin, state))) => (begin, Some(state)),
            (_, None) => (0, None),
        };
        let state = self.fold((begin, base.as_ref()), size)?;
        self.folded = Some((size, state.clone()));
        Ok(state)
    }

    fn fold(&mut self, (begin, base): (u64, Option<&Value>), end: u64) -> Result<Value, Error> {
        let limits = Limits {
            fuel_per_event: self.newest.limits.fuel_per_event,
            memory_bytes: self.newest.limits.memory_bytes,
        };
        let starts = || "the fold program cannot begin".to_owned();
        let mut fold = Fold::start(&self.program, limits, base).or_failed(starts)?;
        for (first, commit) in self.batches_between(begin, end)? {
            let batch = read_batch(self.repository, commit)?;
            for (index, envelope) in (first..).zip(&batch.events) {
                if index < begin || index >= end {
                    continue;
                }
                let input = read_event(envelope)?.to_fold_input(index);
                fold.step(&input)
                    .or_failed(|| format!("the fold ended at event {index}"))?;
            }
        }
        fold.state()
            .or_failed(|| "what the fold left is no state".to_owned())
    }

    /// The batches that hold the events from `begin` on and before `end`, oldest first.
    fn batches_between(&mut self, begin: u64, end: u64) -> Result<Vec<(u64, ObjectId)>, Error> {
        if self.batches.first().is_none_or(|(first, _)| *first > begin) {
            self.batches = self.read_back(begin)?;
        }
        let from = self.batches.partition_point(|(first, _)| *first <= begin);
        let to = self.batches.partition_point(|(first, _)| *first < end);
        let from = from.saturating_sub(1);
        Ok(self.batches.get(from..to.max(from)).unwrap_or(&[]).to_vec())
    }

    /// The batches of the journal from the one that holds event `begin` on.
    fn read_back(&self, begin: u64) -> Result<Vec<(u64, ObjectId)>, Error> {
        let mut found = Vec::new();
        let journal = &self.newest.journal;
        for step in self
            .repository
            .git()
            .history(tip(self.repository, journal)?)
        {
            let incomplete = || format!("`{journal}` is not all here");
            let (commit, _) = step.context(ErrorKind::Incomplete, incomplete)?;
            let batch = read_batch(self.repository, commit)?;
            let count = batch.events.len() as u64;
            let first = batch.head.size().checked_sub(count).ok_or_else(|| {
                let message = format!("commit {commit} counts its events wrong");
                Error::new(ErrorKind::Mismatch, message)
            })?;
            found.push((first, commit));
            if first <= begin {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }
}

/// Whether two proofs are of one program, with one engine and limits, and one journal.
fn same_fold(a: &FoldProof, b: &FoldProof) -> bool {
    a.fold_root == b.fold_root
        && a.engine == b.engine
        && a.limits == b.limits
        && a.journal == b.journal
}

/// An end of a search as people name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// The state after so many events
    Events(u64),
    /// The state of a checkpoint
    Checkpoint(At),
}

impl std::str::FromStr for End {
    type Err = crate::fold::PointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(size) => Ok(Self::Events(size)),
            Err(_) => text
                .strip_prefix('@')
                .unwrap_or(text)
                .parse()
                .map(Self::Checkpoint),
        }
    }
}
