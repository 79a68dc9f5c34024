//! The program: derivations that are what their paths say, and inputs that are what the job was given.

use std::collections::BTreeMap;

use gatos_core::job::{Item, ItemList};
use gatos_nix::StorePath;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::job::Job;

use super::statements::{self, Lists, Proofs};
use crate::error::{Context, Error};
use crate::evidence::Evidence;
use crate::verify::report::{Verification, ensure};

pub(super) fn check(
    evidence: &Evidence<'_>,
    proofs: &Proofs,
    lists: &Lists,
    report: &mut Verification,
) {
    let job = report.record(("derivations", "program"), derivations(evidence, proofs));
    if let Some(job) = job {
        report.record(
            ("inputs of the program", "program"),
            inputs(&job, &lists.inputs),
        );
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

fn derivations(evidence: &Evidence<'_>, proofs: &Proofs) -> Result<(Job, String), Error> {
    let proof = proofs.experiment.statement();
    let closure = closure(evidence, &proof.program.id)?;
    ensure(closure.root().sha256() == proof.program.sha256, || {
        "the derivation's text is not the one that the proof names".to_owned()
    })?;
    let job = Job::of(&closure).or_mismatch(|| "the derivation is no job".to_owned())?;
    ensure(job.builder == proof.builder_id, || {
        format!(
            "the builder id is {}, not {}",
            job.builder, proof.builder_id
        )
    })?;
    let count = closure.derivations().count();
    Ok((
        job,
        format!(
            "{} and {} derivation(s) that it is built from",
            proof.program.id,
            count - 1
        ),
    ))
}

/// Each input's path is a hash of its bytes, so the derivation names exactly the bytes of the list.
fn inputs(job: &Job, list: &ItemList) -> Result<((), String), Error> {
    for item in list.items() {
        let path = job.inputs.get(&item.name);
        let path = path.ok_or_else(|| {
            crate::error::Error::new(
                crate::error::ErrorKind::Mismatch,
                format!("the program has no input `{}`", item.name),
            )
        })?;
        ensure(is_content_of(path, item)?, || {
            format!(
                "input `{}` of the program is {path}, whose bytes are others",
                item.name
            )
        })?;
    }
    ensure(job.inputs.len() == list.items().len(), || {
        "the program has inputs that are not in the list".to_owned()
    })?;
    Ok((
        (),
        format!("{} input(s), each named by its bytes", list.items().len()),
    ))
}

/// Whether a store path is the one of a source with these bytes.
pub(crate) fn is_content_of(path: &StorePath, item: &Item) -> Result<bool, Error> {
    let expected = StorePath::of_source(path.name(), &item.nar)
        .or_mismatch(|| format!("`{path}` is no store path of a source"))?;
    Ok(expected == *path)
}
