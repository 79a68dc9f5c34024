//! The folds of an experiment, run again, and the inputs that their states became.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::evidence::FoldEvidence;
use gatos_core::experiment::{FoldRole, FoldUse};
use gatos_core::fold::{FoldLimits, FoldProof, STATE_REF_PREFIX};
use gatos_core::policy::Role;
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_nix::nar;

use super::journals::batches;
use super::statements::{Lists, Proofs};
use crate::error::{Error, ErrorKind};
use crate::evidence::Evidence;
use crate::experiment::state_file_nar;
use crate::fold::{fold_batches, read_program};
use crate::progress::Progress;
use crate::verify::history::History;
use crate::verify::policy::{PolicyChain, authorize};
use crate::verify::report::{Verification, ensure};

pub(super) fn check(
    evidence: &Evidence<'_>,
    (policies, proofs, lists): (&PolicyChain, &Proofs, &Lists),
    report: &mut Verification,
    progress: &mut dyn Progress,
) {
    let uses = &proofs.experiment.statement().folds;
    let folds = &evidence.manifest().folds;
    let same_number = ensure(uses.len() == folds.len(), || {
        format!(
            "the proof names {} fold(s), the evidence holds {}",
            uses.len(),
            folds.len()
        )
    });
    report.record(("number of folds", "proof of experiment"), {
        same_number.map(|()| ((), format!("{}", folds.len())))
    });
    for (used, fold) in uses.iter().zip(folds) {
        let subject = match &used.role {
            FoldRole::Input(name) => format!("fold of input {name}"),
            FoldRole::Results => "fold of the results".to_owned(),
        };
        let state = again(evidence, policies, (used, fold), progress);
        let state = report.record(("fold run again", &subject), state);
        if let (Some(state), FoldRole::Input(name)) = (state, &used.role) {
            let bound = bind_input(&state, name.as_str(), lists);
            report.record(("state is the input", &subject), bound);
        }
    }
}

fn again(
    evidence: &Evidence<'_>,
    policies: &PolicyChain,
    (used, fold): (&FoldUse, &FoldEvidence),
    progress: &mut dyn Progress,
) -> Result<(Value, String), Error> {
    let signed: Signed<FoldProof> = evidence.signed(&fold.proof, "proof of fold")?;
    ensure(signed.id() == used.proof, || {
        "the experiment names another proof".to_owned()
    })?;
    ensure(fold.program == signed.statement().fold_root.cid(), || {
        "the program kept is not the one that the proof names".to_owned()
    })?;
    let blocks = evidence.tree(fold.state)?;
    let none = Vec::new();
    let cids = evidence
        .manifest()
        .journals
        .get(&signed.statement().journal)
        .unwrap_or(&none);
    let program = evidence.block(&fold.program)?;
    check_fold(
        policies,
        &signed,
        (&program, &blocks),
        batches(evidence, cids),
        progress,
    )
}

/// Check a Proof-of-Fold by folding again: its signature, its policy, its history, its state.
pub(crate) fn check_fold(
    policies: &PolicyChain,
    signed: &Signed<FoldProof>,
    (program, blocks): (&[u8], &BTreeMap<Cid, Vec<u8>>),
    batches: impl Iterator<Item = Result<gatos_core::journal::Batch, Error>>,
    progress: &mut dyn Progress,
) -> Result<(Value, String), Error> {
    let proof = signed.statement();
    ensure(proof.repo == policies.repo(), || {
        "the proof is of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference.starts_with(STATE_REF_PREFIX),
        || "the proof was signed for another ref".to_owned(),
    )?;
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
    let program = read_program(program, &proof.engine)?;
    let mut history = History::new(proof.journal.clone(), policies);
    let size = proof.history_size;
    let folded = fold_batches(
        (&program, limits),
        &mut history,
        batches,
        Some(size),
        progress,
    )?;
    if folded.size < size {
        let message = format!(
            "`{}` has {} of the {size} events that were folded",
            proof.journal, folded.size
        );
        return Err(Error::new(ErrorKind::Incomplete, message)
            .with_hint("fetch the whole history: git fetch --unshallow, and refs/gatos/*"));
    }
    ensure(history.root_at(size) == Some(proof.history_root), || {
        format!("the history root of the first {size} events is another")
    })?;
    let tree = StateTree::build(&folded.state);
    ensure(tree.root == proof.state_root.cid(), || {
        format!(
            "folding gives the state {}, the proof says {}",
            tree.root, proof.state_root
        )
    })?;
    ensure(tree.blocks == *blocks, || {
        "the state that is kept is not the one folded".to_owned()
    })?;
    Ok((
        folded.state,
        format!("{size} event(s) of `{}` give {}", proof.journal, tree.root),
    ))
}

/// The file of a state is a function of the state, so the input is it if the hashes agree.
fn bind_input(state: &Value, name: &str, lists: &Lists) -> Result<((), String), Error> {
    let file = format!("{name}.json");
    let item = lists.inputs.get(&file).ok_or_else(|| {
        Error::new(
            ErrorKind::Mismatch,
            format!("the job has no input `{file}`"),
        )
    })?;
    let found = nar::digest(&state_file_nar(state));
    ensure(found == item.nar, || {
        format!("the input `{file}` is not the JSON of the state")
    })?;
    Ok((
        (),
        format!("`{file}` is the JSON of the state, byte for byte"),
    ))
}
