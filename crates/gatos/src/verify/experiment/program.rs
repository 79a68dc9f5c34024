//! The program: derivations that are what their paths say, and inputs that are what the job was given.

use std::collections::BTreeMap;

use gatos_core::job::ItemList;
use gatos_nix::StorePath;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::job::Job;

use super::input::{Binding, binding};
use super::statements::{self, Lists, Proofs};
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::Evidence;
use crate::verify::report::{Verification, ensure, mismatch};

pub(super) fn check(
    evidence: &Evidence<'_>,
    proofs: &Proofs,
    lists: &Lists,
    report: &mut Verification,
) {
    let program = report.record(("derivations", "program"), derivations(evidence, proofs));
    if let Some((closure, job)) = program {
        let bound = inputs(evidence, (&closure, &job), &lists.inputs);
        report.record(("inputs of the program", "program"), bound);
    }
    statements::log(evidence, proofs, report);
}

/// The closure of derivations that the evidence holds.
pub(crate) fn closure(evidence: &Evidence<'_>, program: &str) -> Result<DrvClosure, Error> {
    let base_name = program.trim_start_matches("nix:");
    let root = StorePath::from_base_name(base_name)
        .or_mismatch(|| format!("`{program}` names no derivation"))?;
    let mut texts = BTreeMap::new();
    for (name, cid) in &evidence.manifest().derivations {
        let path = StorePath::from_base_name(name)
            .or_mismatch(|| format!("`{name}` is no name of a derivation"))?;
        texts.insert(path, evidence.block(cid)?.into_owned());
    }
    let kept = texts.len();
    let closure = DrvClosure::from_texts(&root, texts)
        .or_mismatch(|| "the derivations are not what their paths say".to_owned())?;
    let reached = closure.derivations().count();
    ensure(reached == kept, || {
        format!("{kept} derivations are kept, and the program reaches {reached}")
    })?;
    Ok(closure)
}

fn derivations(
    evidence: &Evidence<'_>,
    proofs: &Proofs,
) -> Result<((DrvClosure, Job), String), Error> {
    let proof = proofs.experiment.statement();
    let closure = closure(evidence, &proof.program.id)?;
    ensure(closure.root().sha256() == proof.program.sha256, || {
        "the derivation's text is not the one that the proof names".to_owned()
    })?;
    let job = Job::of(&closure).or_mismatch(|| "the derivation is no job".to_owned())?;
    ensure(job.name == proof.name, || {
        format!(
            "the job is called `{}`, the experiment `{}`",
            job.name, proof.name
        )
    })?;
    ensure(job.builder == proof.builder_id, || {
        format!(
            "the builder id is {}, not {}",
            job.builder, proof.builder_id
        )
    })?;
    let count = closure.derivations().count();
    Ok((
        (closure, job),
        format!(
            "{} and {} derivation(s) that it is built from",
            proof.program.id,
            count - 1
        ),
    ))
}

/// Each input's path is a hash of its bytes, so the derivation names exactly the bytes of the list.
fn inputs(
    evidence: &Evidence<'_>,
    (closure, job): (&DrvClosure, &Job),
    list: &ItemList,
) -> Result<((), String), Error> {
    let mut built = 0;
    for item in list.items() {
        let path = job.inputs.get(&item.name).ok_or_else(|| {
            let message = format!("the program has no input `{}`", item.name);
            Error::new(ErrorKind::Mismatch, message)
        })?;
        let kept = evidence.manifest().input_nars.get(&item.name);
        let nar = kept.map(|cid| evidence.block(cid)).transpose()?;
        match binding(closure, path, item, nar.as_deref()) {
            Binding::Content => {}
            Binding::Built => built += 1,
            Binding::Broken => {
                let name = &item.name;
                return mismatch(format!("input `{name}` is {path}, whose bytes are others"));
            }
        }
    }
    ensure(job.inputs.len() == list.items().len(), || {
        "the program has inputs that are not in the list".to_owned()
    })?;
    let count = list.items().len();
    Ok((
        (),
        match built {
            0 => format!("{count} input(s), each named by its bytes"),
            built => format!("{count} input(s), {built} of which a derivation makes"),
        },
    ))
}
