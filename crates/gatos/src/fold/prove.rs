//! `gatos state prove` and `check-proof`: what a state holds at a path, in a file of its own.

use gatos_core::cid::Cid;
use gatos_core::fold::FoldProof;
use gatos_core::state::{StatePath, StateProof};
use gatos_core::statement::Signed;
use serde::Serialize;
use serde_json::value::RawValue;

use super::point::{Point, open};
use crate::error::{Context, Error, ErrorKind};
use crate::journal::raw_json;
use crate::repository::Repository;

/// What a state proof proves.
#[derive(Clone, Debug, Serialize)]
pub struct StateProofReport {
    /// The path
    pub path: String,
    /// Whether there is something
    pub found: bool,
    /// What there is, as JSON with exact numbers
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    /// The root of the state
    pub state_root: String,
    /// The Proof-of-Fold that is in the proof
    pub fold: Option<FoldClaim>,
    /// Number of blocks of the state
    pub blocks: usize,
    /// Size of the proof in bytes
    pub bytes: usize,
    /// The proof's file
    #[serde(skip)]
    pub file: Vec<u8>,
}

/// What a Proof-of-Fold says; its signatures are valid.
#[derive(Clone, Debug, Serialize)]
pub struct FoldClaim {
    /// Its id
    pub proof: String,
    /// The repository
    pub repo: String,
    /// The ref of the state
    pub reference: String,
    /// The journal that was folded
    pub journal: String,
    /// Number of events
    pub history_size: u64,
    /// The journal's history root, in hex
    pub history_root: String,
    /// The program
    pub fold_root: String,
    /// Fingerprints of the keys that signed
    pub signers: Vec<String>,
}

/// Prove what the state of a checkpoint holds at a path, or that it holds nothing there.
///
/// # Errors
/// A checkpoint that is not there, or whose state is damaged on the way.
pub fn prove(
    repository: &Repository,
    point: &Point,
    path: StatePath,
) -> Result<StateProofReport, Error> {
    let state = open(repository, point)?;
    let proof = StateProof::new(state.root(), path, &|cid: &Cid| state.block(cid));
    let proof = state.believe(proof)?;
    let proof = proof.with_envelope(state.proof.envelope().encode());
    let file = proof.encode();
    report(&proof, file)
}

/// Check a state proof; nothing else is needed. What it proves holds of the state with this root:
/// `state_root` is the one that is trusted, where one is.
///
/// # Errors
/// A file that is no proof, one that does not prove what it says, or one of another state.
pub fn check_proof(file: Vec<u8>, state_root: Option<Cid>) -> Result<StateProofReport, Error> {
    let unproved = || "the file proves nothing about a state".to_owned();
    let proof = StateProof::decode(file.clone()).or_mismatch(unproved)?;
    if let Some(wanted) = state_root
        && wanted != proof.root
    {
        let message = format!(
            "the proof is about the state {}, not about {wanted}",
            proof.root
        );
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    report(&proof, file)
}

fn report(proof: &StateProof, file: Vec<u8>) -> Result<StateProofReport, Error> {
    Ok(StateProofReport {
        path: proof.path.to_string(),
        found: proof.value().is_some(),
        value: proof.value().map(raw_json).transpose()?,
        state_root: proof.root.to_string(),
        fold: proof
            .envelope
            .as_deref()
            .map(|envelope| claim(envelope, proof.root))
            .transpose()?,
        blocks: proof.block_count(),
        bytes: file.len(),
        file,
    })
}

fn claim(envelope: &[u8], root: Cid) -> Result<FoldClaim, Error> {
    let signed: Signed<FoldProof> = Signed::decode(envelope)
        .or_mismatch(|| "the Proof-of-Fold in the proof does not verify".to_owned())?;
    let proof = signed.statement();
    if proof.state_root.cid() != root {
        let message = "the Proof-of-Fold in the proof is about another state";
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let signers = signed.signers().iter();
    Ok(FoldClaim {
        proof: signed.id().to_string(),
        repo: proof.repo.to_string(),
        reference: proof.position.reference.clone(),
        journal: proof.journal.to_string(),
        history_size: proof.history_size,
        history_root: proof.history_root.to_string(),
        fold_root: proof.fold_root.to_string(),
        signers: signers.map(|key| key.fingerprint().to_string()).collect(),
    })
}
