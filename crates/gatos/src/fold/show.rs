//! Checkpoints of states: what a commit of a state's ref holds.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::fold::{FoldProof, STATE_REF_PREFIX};
use gatos_core::name::StateName;
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::ObjectId;
use serde_json::value::RawValue;

use super::state_ref;
use crate::error::{Context, Error, ErrorKind};
use crate::journal::raw_json;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, commits, ref_name};

/// A checkpoint as it was read: its signatures are valid, and nothing else was checked.
#[derive(Debug)]
pub struct Checkpoint {
    /// The commit
    pub commit: ObjectId,
    /// The proof
    pub proof: Signed<FoldProof>,
    /// The compiled program
    pub program: Vec<u8>,
    /// The blocks of the state's tree
    pub blocks: BTreeMap<Cid, Vec<u8>>,
}

/// A state as people see it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StateView {
    /// Its name
    pub state: String,
    /// The journal that was folded
    pub journal: String,
    /// Number of events that were folded
    pub history_size: u64,
    /// Its root
    pub state_root: String,
    /// The program
    pub fold_root: String,
    /// The Proof-of-Fold
    pub proof: String,
    /// Number of checkpoints before it
    pub seq: u64,
    /// The state, as JSON with exact numbers; absent from lists
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
}

/// Read the checkpoint of a commit.
///
/// # Errors
/// A commit that holds none, or a damaged one.
pub fn read_checkpoint(repository: &Repository, commit: ObjectId) -> Result<Checkpoint, Error> {
    let folder = Folder::of_commit(repository.git(), commit)?;
    let proof: Signed<FoldProof> = folder.signed("proof")?;
    let root = proof.statement().state_root.cid();
    let blocks = repository
        .git()
        .read_dag(folder.get("state")?, root)
        .or_mismatch(|| format!("the state of commit {commit} is damaged"))?;
    Ok(Checkpoint {
        commit,
        proof,
        program: folder.blob("program")?,
        blocks,
    })
}

/// The state that a checkpoint holds.
///
/// # Errors
/// Blocks that are missing, damaged, or not the one tree of a state.
pub fn load(checkpoint: &Checkpoint) -> Result<Value, Error> {
    let root = checkpoint.proof.statement().state_root.cid();
    StateTree::load(root, &|cid: &Cid| checkpoint.blocks.get(cid).cloned())
        .or_mismatch(|| format!("the state {root} cannot be read"))
}

/// All states, by name, without their values.
///
/// # Errors
/// A state whose tip cannot be read.
pub fn states(repository: &Repository) -> Result<Vec<StateView>, Error> {
    let git = repository.git();
    let prefix = ref_name(STATE_REF_PREFIX.trim_end_matches('/'))?;
    let refs = git
        .refs_under(&prefix)
        .or_failed(|| "cannot list the states".to_owned())?;
    let view = |(name, tip): (gatos_git::RefName, ObjectId)| {
        let proof: Signed<FoldProof> = Folder::of_commit(git, tip)?.signed("proof")?;
        Ok(view(
            name.as_str().trim_start_matches(STATE_REF_PREFIX),
            &proof,
            None,
        ))
    };
    refs.into_iter().map(view).collect()
}

/// The state of that name: at its tip, or at an earlier checkpoint by its number.
///
/// # Errors
/// A state or checkpoint that is not there, or is damaged.
pub fn show(
    repository: &Repository,
    name: &StateName,
    at: Option<u64>,
) -> Result<StateView, Error> {
    let checkpoint = read_checkpoint(repository, find(repository, name, at)?)?;
    let value = raw_json(&load(&checkpoint)?)?;
    Ok(view(name.as_str(), &checkpoint.proof, Some(value)))
}

/// The commit of a checkpoint.
pub(crate) fn find(
    repository: &Repository,
    name: &StateName,
    at: Option<u64>,
) -> Result<ObjectId, Error> {
    let reference = state_ref(name)?;
    let git = repository.git();
    let tip = git
        .find_ref(&reference)
        .or_failed(|| format!("cannot read `{reference}`"))?;
    let tip = tip.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("there is no state `{name}`"))
            .with_hint("`gatos state list` shows those there are; `gatos fold run` makes one")
    })?;
    let Some(at) = at else { return Ok(tip) };
    let all = commits(git, tip)?;
    let index = usize::try_from(at)
        .ok()
        .and_then(|at| all.len().checked_sub(at + 1));
    index
        .and_then(|index| all.get(index).copied())
        .ok_or_else(|| {
            let message = format!("`{name}` has checkpoints 0 to {}, not {at}", all.len() - 1);
            Error::new(ErrorKind::Usage, message)
        })
}

fn view(name: &str, proof: &Signed<FoldProof>, value: Option<Box<RawValue>>) -> StateView {
    let statement = proof.statement();
    StateView {
        state: name.to_owned(),
        journal: statement.journal.to_string(),
        history_size: statement.history_size,
        state_root: statement.state_root.to_string(),
        fold_root: statement.fold_root.to_string(),
        proof: proof.id().to_string(),
        seq: statement.position.seq,
        value,
    }
}
