//! Verifying what a repository holds: one journal, one state, or everything under refs/gatos.

use gatos_core::experiment::{ExperimentProof, Reproduction};
use gatos_core::fold::STATE_REF_PREFIX;
use gatos_core::job::ExecutionProof;
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::Signed;

use super::experiment::{Pins, verify_evidence};
use super::history::History;
use super::policy::authorize_actor;
use super::remembered::Remembered;
use super::report::{Verification, ensure};
use super::state::verify_chain;
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::gather;
use crate::experiment::{Found, Listed, all};
use crate::journal::{JOURNAL_REF_PREFIX, stored_batches};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::ref_name;

/// Events that are verified together.
const CHUNK_EVENTS: usize = 4096;

/// Verify every event of a journal, and where each batch says that it stands.
#[must_use]
pub fn verify_journal(
    repository: &Repository,
    journal: &JournalName,
    progress: &mut dyn Progress,
) -> Verification {
    verify_events(
        repository,
        journal,
        &mut Remembered::of_this_process(),
        progress,
    )
}

/// As [`verify_journal`], and what is verified will be remembered in this process.
fn verify_events(
    repository: &Repository,
    journal: &JournalName,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Verification {
    let mut report = begin(repository, &format!("journal {journal}"));
    let result = walk(repository, journal, memory, progress);
    report.record(
        ("events and history root", &format!("journal {journal}")),
        result,
    );
    report
}

fn walk(
    repository: &Repository,
    journal: &JournalName,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Result<((), String), Error> {
    ensure_complete(repository)?;
    let mut history = History::new(journal.clone(), repository.policies());
    progress.begin(&format!("verify {journal}"), None);
    let (mut chunk, mut pending) = (Vec::new(), 0);
    for stored in stored_batches(repository, journal)? {
        let stored = stored?;
        pending += stored.batch.events.len();
        chunk.push(stored);
        if pending >= CHUNK_EVENTS {
            history.extend_stored(std::mem::take(&mut chunk), memory)?;
            progress.advance(pending as u64);
            pending = 0;
        }
    }
    history.extend_stored(chunk, memory)?;
    progress.end();
    Ok((
        (),
        format!(
            "{} signed event(s), history root {}",
            history.size(),
            history.root()
        ),
    ))
}

/// Verify everything under refs/gatos.
#[must_use]
pub fn verify_repository(
    repository: &Repository,
    pins: &Pins,
    progress: &mut dyn Progress,
) -> Verification {
    let mut report = begin(repository, "repository");
    // What is verified once here is not verified twice.
    let memory = &mut Remembered::of_this_process();
    report.record(("pins", "repository"), pins.check(repository.policies()));
    report.record(("policy chain", "repository"), {
        let count = repository.policies().bundles().len();
        Ok(((), format!("{count} bundle(s) from the genesis on")))
    });
    report.record(("rules", "repository"), {
        let counted = repository.policies().check_rules();
        counted.map(|count| ((), format!("{count} rule(s), compiled once more")))
    });
    for (what, prefix) in [("journal", JOURNAL_REF_PREFIX), ("state", STATE_REF_PREFIX)] {
        for name in report
            .record(("refs", what), names(repository, prefix))
            .unwrap_or_default()
        {
            let part = match (what, name.parse(), name.parse()) {
                ("journal", Ok(journal), _) => {
                    verify_events(repository, &journal, memory, progress)
                }
                (_, _, Ok(state)) => verify_chain(repository, &state, memory, progress),
                _ => continue,
            };
            report.absorb(part);
        }
    }
    experiments(repository, &mut report, memory, progress);
    for (what, check) in [
        (
            "executions",
            each::<ExecutionProof>(repository, check_execution),
        ),
        (
            "reproductions",
            each::<Reproduction>(repository, check_reproduction),
        ),
    ] {
        report.record(("signatures and places", what), check);
    }
    report
}

/// A report about something in a repository.
pub(crate) fn begin(repository: &Repository, subject: &str) -> Verification {
    let mut report = Verification::new(subject);
    report.repo = Some(repository.id().to_string());
    report.founder = Some(
        repository
            .genesis()
            .statement()
            .key
            .fingerprint()
            .to_string(),
    );
    report
}

/// Check that no part of the history was left out when the repository was cloned.
pub(crate) fn ensure_complete(repository: &Repository) -> Result<(), Error> {
    if repository.git().is_shallow() {
        return Err(Error::new(ErrorKind::Incomplete, "this is a shallow clone")
            .with_hint("git fetch --unshallow"));
    }
    Ok(())
}

fn names(repository: &Repository, prefix: &str) -> Result<(Vec<String>, String), Error> {
    let name = ref_name(prefix.trim_end_matches('/'))?;
    let refs = repository
        .git()
        .refs_under(&name)
        .or_failed(|| format!("cannot list {name}"))?;
    let names: Vec<String> = refs
        .iter()
        .map(|(name, _)| name.as_str().trim_start_matches(prefix).to_owned())
        .collect();
    let detail = format!("{}", names.len());
    Ok((names, detail))
}

fn experiments(
    repository: &Repository,
    report: &mut Verification,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) {
    let found = all::<ExperimentProof>(repository).map(|all| {
        let count = all.len();
        (all, format!("{count}"))
    });
    for found in report
        .record(("refs", "experiment"), found)
        .unwrap_or_default()
    {
        match gather(repository, &found) {
            Ok(evidence) => {
                let part = verify_evidence(&evidence, &Pins::default(), memory, progress);
                report.absorb(part);
            }
            Err(error) => {
                report.record::<()>(("evidence", &found.reference), Err(error));
            }
        }
    }
}

fn each<T: Listed>(
    repository: &Repository,
    check: fn(&Repository, &Found<T>) -> Result<(), Error>,
) -> Result<((), String), Error> {
    let all = all::<T>(repository)?;
    for found in &all {
        check(repository, found).map_err(|e| {
            let kind = e.kind();
            Error::new(kind, format!("`{}`", found.reference)).with_source(e)
        })?;
    }
    Ok(((), format!("{}", all.len())))
}

fn opened<T>(found: &Found<T>) -> Result<&Signed<T>, Error> {
    found
        .signed
        .as_ref()
        .map_err(|e| Error::new(ErrorKind::Mismatch, e.to_string()))
}

pub(crate) fn check_execution(
    repository: &Repository,
    found: &Found<ExecutionProof>,
) -> Result<(), Error> {
    let signed = opened(found)?;
    let proof = signed.statement();
    ensure(proof.repo == repository.id(), || {
        "of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference == found.reference && proof.job == found.ulid,
        || "signed for another ref".to_owned(),
    )?;
    let policies = repository.policies();
    policies.check_in_force(&policies.cursor(&found.reference), proof.policy_root)?;
    let bundle = policies.get(&proof.policy_root)?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Execute, &proof.actor),
    )
}

pub(crate) fn check_reproduction(
    repository: &Repository,
    found: &Found<Reproduction>,
) -> Result<(), Error> {
    let signed = opened(found)?;
    let proof = signed.statement();
    ensure(proof.repo == repository.id(), || {
        "of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference == found.reference && proof.ulid == found.ulid,
        || "signed for another ref".to_owned(),
    )?;
    let policies = repository.policies();
    policies.check_in_force(&policies.cursor(&found.reference), proof.policy_root)?;
    let bundle = policies.get(&proof.policy_root)?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Reproduce, &proof.actor),
    )
}
