//! Checkpoints of states: what a commit of a state's ref holds.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::fold::{Consistency, FoldProof, STATE_REF_PREFIX};
use gatos_core::state::{StatePath, StateTree};
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::ObjectId;
use serde_json::value::RawValue;

use super::point::{Point, open};
use crate::error::{Context, Error, ErrorKind};
use crate::journal::raw_json;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};

/// The blob that shows a checkpoint's history to extend that of the one before.
pub(super) const CONSISTENCY: &str = "consistency";

/// A checkpoint as it was read: its signatures are valid, and nothing else was checked.
#[derive(Debug)]
pub struct Checkpoint {
    /// The commit
    pub commit: ObjectId,
    /// The proof
    pub proof: Signed<FoldProof>,
    /// What shows its history to extend that of the checkpoint that it continues, where there is one
    pub consistency: Option<Consistency>,
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
    let (proof, consistency) = proof_of(&folder, commit)?;
    let root = proof.statement().state_root.cid();
    let blocks = repository
        .git()
        .read_dag(folder.get("state")?, root)
        .or_mismatch(|| format!("the state of commit {commit} is damaged"))?;
    Ok(Checkpoint {
        commit,
        proof,
        consistency,
        program: folder.blob("program")?,
        blocks,
    })
}

/// The proof of a checkpoint, and what shows that it continues another, without the state.
///
/// # Errors
/// As [`read_checkpoint`].
pub(crate) fn read_proof(
    repository: &Repository,
    commit: ObjectId,
) -> Result<(Signed<FoldProof>, Option<Consistency>), Error> {
    proof_of(&Folder::of_commit(repository.git(), commit)?, commit)
}

/// A proof says that it continues another exactly where the block is that shows it.
fn proof_of(
    folder: &Folder<'_>,
    commit: ObjectId,
) -> Result<(Signed<FoldProof>, Option<Consistency>), Error> {
    let proof: Signed<FoldProof> = folder.signed("proof")?;
    let continues = proof.statement().base.is_some();
    if continues != folder.find(CONSISTENCY).is_some() {
        let message = if continues {
            format!("commit {commit} continues another, and holds no `{CONSISTENCY}` that shows it")
        } else {
            format!("commit {commit} holds a `{CONSISTENCY}`, and continues no other")
        };
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let consistency = continues.then(|| {
        Consistency::decode(&folder.blob(CONSISTENCY)?)
            .or_mismatch(|| format!("`{CONSISTENCY}` of commit {commit} is malformed"))
    });
    Ok((proof, consistency.transpose()?))
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

/// What the state of a checkpoint holds at a path; for the empty path all of it, which must then be
/// the one tree of its value. For any other, only the blocks on the way are read.
///
/// # Errors
/// A checkpoint that is not there, a path that leads nowhere, or a state that is damaged on the way.
pub fn show(repository: &Repository, point: &Point, path: &StatePath) -> Result<StateView, Error> {
    let state = open(repository, point)?;
    let value = if path.steps().is_empty() {
        load(&read_checkpoint(repository, state.commit)?)?
    } else {
        state.get(path)?.ok_or_else(|| {
            let message = format!("`{}` holds nothing at `{path}`", state.state);
            Error::new(ErrorKind::Usage, message)
                .with_hint("`gatos state prove` proves that, for whoever does not believe it")
        })?
    };
    Ok(view(
        state.state.as_str(),
        &state.proof,
        Some(raw_json(&value)?),
    ))
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
