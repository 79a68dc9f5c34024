//! What a Proof-of-Fold claims: who says so, under which policy, and whether folding gives it.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::echolua::Program;
use gatos_core::fold::{FoldLimits, FoldProof, STATE_REF_PREFIX};
use gatos_core::journal::Head;
use gatos_core::policy::Role;
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_core::value::Value;

use super::too_short;
use crate::error::Error;
use crate::fold::{Course, Stop, Stops, fold_batches, read_program};
use crate::progress::Progress;
use crate::verify::history::{History, StoredBatch};
use crate::verify::policy::{PolicyChain, authorize};
use crate::verify::remembered::Remembered;
use crate::verify::report::ensure;

/// What lies beside a proof: the compiled program, and the blocks of the state.
pub(crate) struct Kept<'a> {
    pub(crate) program: &'a [u8],
    pub(crate) blocks: &'a BTreeMap<Cid, Vec<u8>>,
}

/// Check what can be seen without folding: repository, ref, base, policy, signer, limits, program.
pub(crate) fn check_claim(
    policies: &PolicyChain,
    signed: &Signed<FoldProof>,
    program: &[u8],
) -> Result<Program, Error> {
    let proof = signed.statement();
    ensure(proof.repo == policies.repo(), || {
        "the proof is of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference.starts_with(STATE_REF_PREFIX),
        || "the proof was signed for another ref".to_owned(),
    )?;
    ensure(proof.has_base_in_place(), || {
        "the proof continues another one than that before it".to_owned()
    })?;
    let bundle = policies.get(&proof.policy_root)?;
    authorize(&bundle.trust, signed.signers(), Role::Fold)?;
    let limits = FoldLimits {
        fuel_per_event: bundle.profile.fold_fuel_per_event,
        memory_bytes: bundle.profile.fold_memory_bytes,
    };
    ensure(proof.limits == limits, || {
        "the limits are not those of the policy".to_owned()
    })?;
    ensure(Cid::of_dag_cbor(program) == proof.fold_root.cid(), || {
        "the program is not the one that the proof names".to_owned()
    })?;
    read_program(program, &proof.engine)
}

/// Check what a fold gave against a proof and the blocks that are kept.
pub(super) fn check_result(
    proof: &FoldProof,
    blocks: &BTreeMap<Cid, Vec<u8>>,
    (head, tree): (&Head, &StateTree),
) -> Result<(), Error> {
    let size = proof.history_size;
    ensure(
        head.size() == size && head.history_root() == proof.history_root,
        || format!("the history root of the first {size} events is another"),
    )?;
    ensure(tree.root == proof.state_root.cid(), || {
        format!(
            "folding gives the state {}, the proof says {}",
            tree.root, proof.state_root
        )
    })?;
    ensure(tree.blocks == *blocks, || {
        "the state that is kept is not the one folded".to_owned()
    })
}

/// Check a Proof-of-Fold by folding again from the first event on: its signature, its policy, its
/// history, its state.
pub(crate) fn check_fold(
    (policies, memory): (&PolicyChain, &mut Remembered),
    signed: &Signed<FoldProof>,
    kept: &Kept<'_>,
    batches: impl Iterator<Item = Result<StoredBatch, Error>> + Send,
    progress: &mut dyn Progress,
) -> Result<(Value, String), Error> {
    let proof = signed.statement();
    let program = check_claim(policies, signed, kept.program)?;
    let mut history = History::new(proof.journal.clone(), policies);
    let mut end: Option<Stop> = None;
    let course = Course {
        program: &program,
        places: None,
        limits: proof.limits,
        from: None,
        stops: Stops {
            until: Some(proof.history_size),
            ..Stops::default()
        },
    };
    let parts = (&mut history, memory);
    fold_batches(course, parts, batches, progress, |stop| {
        end = Some(stop);
        Ok(())
    })?;
    let found = history.size();
    let stop = end.filter(|_| found >= proof.history_size);
    let stop = stop.ok_or_else(|| too_short(&proof.journal, (found, proof.history_size)))?;
    let tree = StateTree::build(&stop.state);
    check_result(proof, kept.blocks, (&stop.head, &tree))?;
    let (size, journal) = (proof.history_size, &proof.journal);
    let detail = format!("{size} event(s) of `{journal}` give {}", tree.root);
    Ok((stop.state, detail))
}
