//! Jobs as people see them: every execution that was recorded, however it ended, and what it printed.

use gatos_core::job::ExecutionProof;
use serde::Serialize;

use super::select::{Found, all, select, select_listed};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::Folder;

/// An execution at a glance; its signature was verified, nothing else.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutionView {
    /// The job's identifier
    pub ulid: String,
    /// Content id of the Proof-of-Execution
    pub id: String,
    /// When it was recorded, in milliseconds since 1970, as its identifier says
    pub recorded_ms: u64,
    /// How it ended: `succeeded`, `failed`, `timed-out` or `cancelled`
    pub outcome: String,
    /// Its program
    pub program_id: String,
    /// Who ran it
    pub actor: String,
    /// On what it ran, as Nix calls it
    pub system: String,
    /// What speaks against isolation, in words
    pub isolation_violations: Vec<String>,
}

/// All executions, oldest first.
///
/// # Errors
/// An execution that cannot be read or does not verify.
pub fn executions(repository: &Repository) -> Result<Vec<ExecutionView>, Error> {
    all::<ExecutionProof>(repository)?
        .into_iter()
        .map(view)
        .collect()
}

/// Everything that a job printed. An experiment means the job that it rests on.
///
/// # Errors
/// No such job or experiment, or one whose record is damaged.
pub fn execution_log(repository: &Repository, id: &str) -> Result<Vec<u8>, Error> {
    let found = select_job(repository, id)?;
    let bytes = Folder::of_commit(repository.git(), found.commit)?.blob("log")?;
    let signed = found
        .signed
        .or_mismatch(|| format!("`{}` does not verify", found.reference))?;
    if !signed.statement().log.names(&bytes) {
        let message = format!(
            "the log of job {} is not the one that was signed",
            found.ulid
        );
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    Ok(bytes)
}

/// The job that `id` means; if it means none, the job of the experiment that it means.
fn select_job(repository: &Repository, id: &str) -> Result<Found<ExecutionProof>, Error> {
    let no_job = match select_listed(repository, id) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let Ok(experiment) = select(repository, id) else {
        return Err(no_job);
    };
    let signed = experiment
        .signed
        .or_mismatch(|| format!("`{}` does not verify", experiment.reference))?;
    select_listed(repository, &signed.statement().execution.to_string())
}

fn view(found: Found<ExecutionProof>) -> Result<ExecutionView, Error> {
    let signed = found
        .signed
        .or_mismatch(|| format!("`{}` does not verify", found.reference))?;
    let proof = signed.statement();
    Ok(ExecutionView {
        ulid: proof.job.to_string(),
        id: signed.id().to_string(),
        recorded_ms: proof.job.milliseconds(),
        outcome: proof.outcome.as_str().to_owned(),
        program_id: proof.program.id.clone(),
        actor: proof.actor.to_string(),
        system: proof.environment.system.clone(),
        isolation_violations: proof.isolation.violations(),
    })
}
