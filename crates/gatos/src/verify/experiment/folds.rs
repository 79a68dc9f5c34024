//! The folds of an experiment, run again, and the inputs that their states became.

use gatos_core::evidence::FoldEvidence;
use gatos_core::experiment::{FoldRole, FoldUse};
use gatos_core::fold::FoldProof;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_nix::nar;

use super::journals::batches;
use super::statements::{Lists, Proofs};
use crate::error::{Error, ErrorKind};
use crate::evidence::Evidence;
use crate::experiment::state_file_nar;
use crate::progress::Progress;
use crate::verify::policy::PolicyChain;
use crate::verify::remembered::Remembered;
use crate::verify::report::{Verification, ensure};
use crate::verify::state::{Kept, check_fold};

pub(super) fn check(
    evidence: &Evidence<'_>,
    (policies, memory, proofs, lists): (&PolicyChain, &mut Remembered, &Proofs, &Lists),
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
        let state = again(evidence, (policies, memory), (used, fold), progress);
        let state = report.record(("fold run again", &subject), state);
        if let (Some(state), FoldRole::Input(name)) = (state, &used.role) {
            let bound = bind_input(&state, name.as_str(), lists);
            report.record(("state is the input", &subject), bound);
        }
    }
}

fn again(
    evidence: &Evidence<'_>,
    context: (&PolicyChain, &mut Remembered),
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
    let kept = Kept {
        program: &program,
        blocks: &blocks,
    };
    check_fold(context, &signed, &kept, batches(evidence, cids), progress)
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
