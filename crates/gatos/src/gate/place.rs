//! Proofs that would be kept for good: jobs, experiments, reproductions.

use gatos_core::cid::Cid;
use gatos_core::experiment::{ExperimentProof, Reproduction};
use gatos_core::job::ExecutionProof;
use gatos_core::policy::Role;
use gatos_core::statement::{OpenError, Signed};
use gatos_git::ObjectId;
use gatos_policy::Intent;

use super::content::only;
use super::court::Court;
use super::rules::Objection;
use crate::error::{Error, ErrorKind};
use crate::evidence::gather;
use crate::experiment::found;
use crate::policy::{By, Deed};
use crate::progress::Unwatched;
use crate::verify::{
    CheckOutcome, Pins, VerificationVerdict, authorize, check_execution, check_reproduction,
    ensure, verify_experiment,
};

/// A job: its proof, and that what lies beside it is what the proof names.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn job(court: &Court<'_>, name: &str, tip: ObjectId) -> Result<(), Error> {
    let after = court.believed()?;
    let entries = [
        "proof",
        "inputs",
        "outputs",
        "log",
        "derivations",
        "input-nars",
        "output-nars",
    ];
    let folder = only(&court.view, tip, &entries)?;
    let found = found::<ExecutionProof>(after, name, tip)?;
    check_execution(after, &found)?;
    let proof = opened(&found.signed)?;
    let statement = proof.statement();
    let (_, bundle) = court.in_force(&statement.policy_root, court.floor())?;
    authorize(&bundle.trust, proof.signers(), Role::Execute)?;
    ensure(statement.log.names(&folder.blob("log")?), || {
        "the log is not the one that was signed".to_owned()
    })?;
    let inputs = Cid::of_dag_cbor(&folder.blob("inputs")?);
    ensure(inputs == statement.inputs_root.cid(), || {
        "the inputs are not those that were signed".to_owned()
    })?;
    let outputs = match folder.find("outputs") {
        None => None,
        Some(_) => Some(Cid::of_dag_cbor(&folder.blob("outputs")?)),
    };
    ensure(
        outputs == statement.outputs_root.map(|root| root.cid()),
        || "the outputs are not those that were signed".to_owned(),
    )
}

/// An experiment: everything that it rests on, verified as `gatos verify` does.
///
/// # Errors
/// The first check that failed.
pub(super) fn experiment(court: &Court<'_>, name: &str, tip: ObjectId) -> Result<(), Objection> {
    let after = court.believed()?;
    let folder = only(&court.view, tip, &["proof", "execution", "folds"])?;
    let found = found::<ExperimentProof>(after, name, tip)?;
    let proof = opened(&found.signed)?;
    let (_, bundle) = court.in_force(&proof.statement().policy_root, court.floor())?;
    authorize(&bundle.trust, proof.signers(), Role::Publish)?;
    let evidence = gather(after, &found)?;
    let report = verify_experiment(&evidence, &Pins::default(), &mut Unwatched);
    if report.verdict == VerificationVerdict::Verified {
        ensure(
            found.reference == proof.statement().position.reference,
            || "signed for another ref".to_owned(),
        )?;
        let intent = (proof.statement().policy_root, Intent::ExperimentPublish);
        return court.ask(name, intent, || {
            let execution: Signed<ExecutionProof> = folder.folder("execution")?.signed("proof")?;
            let by = By {
                actor: Some(proof.statement().actor.clone()),
                keys: proof.signers().to_vec(),
            };
            let execution = execution.statement();
            Ok(Deed::publication(by, proof.statement(), execution))
        });
    }
    let failed = report
        .checks
        .iter()
        .find(|check| check.outcome == CheckOutcome::Failed);
    let message = failed.map_or_else(
        || "it does not verify".to_owned(),
        |check| format!("{} of {}: {}", check.name, check.subject, check.detail),
    );
    Err(Error::new(report.failure().unwrap_or(ErrorKind::Mismatch), message).into())
}

/// A reproduction: its statement in its place.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn reproduction(court: &Court<'_>, name: &str, tip: ObjectId) -> Result<(), Error> {
    let after = court.believed()?;
    only(&court.view, tip, &["proof", "log", "output-nars"])?;
    let found = found::<Reproduction>(after, name, tip)?;
    check_reproduction(after, &found)?;
    let proof = opened(&found.signed)?;
    let (_, bundle) = court.in_force(&proof.statement().policy_root, court.floor())?;
    authorize(&bundle.trust, proof.signers(), Role::Reproduce)
}

fn opened<T>(signed: &Result<Signed<T>, OpenError>) -> Result<&Signed<T>, Error> {
    signed
        .as_ref()
        .map_err(|e| Error::new(ErrorKind::Mismatch, e.to_string()))
}
