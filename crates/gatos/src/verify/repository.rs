//! Verifying what a repository holds: one journal, one state, or everything under refs/gatos.

use gatos_core::experiment::{ExperimentProof, Reproduction};
use gatos_core::fold::{FoldProof, STATE_REF_PREFIX};
use gatos_core::id::StatementId;
use gatos_core::job::ExecutionProof;
use gatos_core::name::{JournalName, StateName};
use gatos_core::policy::Role;
use gatos_core::statement::{Position, Signed};
use gatos_git::ObjectId;

use super::experiment::{Pins, check_fold, verify_experiment};
use super::history::History;
use super::policy::authorize_actor;
use super::report::{Verification, ensure};
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::gather;
use crate::experiment::{Found, Listed, all};
use crate::fold::{read_checkpoint, state_ref};
use crate::journal::{JOURNAL_REF_PREFIX, batches};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::{commits, ref_name};

/// Events that are verified together.
const CHUNK_EVENTS: usize = 4096;

/// Verify every event of a journal, and where each batch says that it stands.
#[must_use]
pub fn verify_journal(
    repository: &Repository,
    journal: &JournalName,
    progress: &mut dyn Progress,
) -> Verification {
    let mut report = begin(repository, &format!("journal {journal}"));
    let result = walk(repository, journal, progress);
    report.record(
        ("events and history root", &format!("journal {journal}")),
        result,
    );
    report
}

fn walk(
    repository: &Repository,
    journal: &JournalName,
    progress: &mut dyn Progress,
) -> Result<((), String), Error> {
    ensure_complete(repository)?;
    let mut history = History::new(journal.clone(), repository.policies());
    progress.begin(&format!("verify {journal}"), None);
    let (mut chunk, mut pending) = (Vec::new(), 0);
    for batch in batches(repository, journal)? {
        let batch = batch?;
        pending += batch.events.len();
        chunk.push(batch);
        if pending >= CHUNK_EVENTS {
            history.extend(std::mem::take(&mut chunk))?;
            progress.advance(pending as u64);
            pending = 0;
        }
    }
    history.extend(chunk)?;
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

/// Verify a state: its chain of proofs, and the fold of its newest checkpoint, run again.
#[must_use]
pub fn verify_state(
    repository: &Repository,
    state: &StateName,
    progress: &mut dyn Progress,
) -> Verification {
    let subject = format!("state {state}");
    let mut report = begin(repository, &subject);
    let chain = chain(repository, state);
    let Some(tip) = report.record(("chain of proofs", &subject), chain) else {
        return report;
    };
    let mut again = || {
        let checkpoint = read_checkpoint(repository, tip)?;
        let journal = &checkpoint.proof.statement().journal;
        ensure_complete(repository)?;
        let batches = batches(repository, journal).map_err(missing_history)?;
        let kept = (checkpoint.program.as_slice(), &checkpoint.blocks);
        check_fold(
            repository.policies(),
            &checkpoint.proof,
            kept,
            batches,
            progress,
        )
    };
    report.record(("fold run again", &subject), again());
    report
}

/// A journal that is missing altogether is a history that is not here.
fn missing_history(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Usage => Error::new(ErrorKind::Incomplete, error.to_string())
            .with_hint("fetch all of refs/gatos/*"),
        _ => error,
    }
}

/// Each proof of a state follows the one before, in this ref.
fn chain(repository: &Repository, state: &StateName) -> Result<(ObjectId, String), Error> {
    let name = state_ref(state)?;
    let git = repository.git();
    let tip = git
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    let tip =
        tip.ok_or_else(|| Error::new(ErrorKind::Usage, format!("there is no state `{state}`")))?;
    let mut previous: Option<(Position, StatementId)> = None;
    let mut all = commits(git, tip)?;
    all.reverse();
    for commit in &all {
        let proof: Signed<FoldProof> = read_checkpoint(repository, *commit)?.proof;
        let position = proof.statement().position.clone();
        let before = previous.as_ref().map(|(position, id)| (position, *id));
        ensure(
            position.reference == name.as_str() && position.follows(before),
            || format!("the proof of commit {commit} does not follow the one before it"),
        )?;
        previous = Some((position, proof.id()));
    }
    Ok((
        tip,
        format!("{} checkpoint(s), each after the one before", all.len()),
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
    report.record(("pins", "repository"), pins.check(repository.policies()));
    report.record(("policy chain", "repository"), {
        let count = repository.policies().bundles().len();
        Ok(((), format!("{count} bundle(s) from the genesis on")))
    });
    for (what, prefix) in [("journal", JOURNAL_REF_PREFIX), ("state", STATE_REF_PREFIX)] {
        for name in report
            .record(("refs", what), names(repository, prefix))
            .unwrap_or_default()
        {
            let part = match (what, name.parse(), name.parse()) {
                ("journal", Ok(journal), _) => verify_journal(repository, &journal, progress),
                (_, _, Ok(state)) => verify_state(repository, &state, progress),
                _ => continue,
            };
            report.absorb(part);
        }
    }
    experiments(repository, &mut report, progress);
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

fn begin(repository: &Repository, subject: &str) -> Verification {
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

fn ensure_complete(repository: &Repository) -> Result<(), Error> {
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

fn experiments(repository: &Repository, report: &mut Verification, progress: &mut dyn Progress) {
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
                let part = verify_experiment(&evidence, &Pins::default(), progress);
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

fn check_execution(repository: &Repository, found: &Found<ExecutionProof>) -> Result<(), Error> {
    let signed = opened(found)?;
    let proof = signed.statement();
    ensure(proof.repo == repository.id(), || {
        "of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference == found.reference && proof.job == found.ulid,
        || "signed for another ref".to_owned(),
    )?;
    let bundle = repository.policies().get(&proof.policy_root)?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Execute, &proof.actor),
    )
}

fn check_reproduction(repository: &Repository, found: &Found<Reproduction>) -> Result<(), Error> {
    let signed = opened(found)?;
    let proof = signed.statement();
    ensure(proof.repo == repository.id(), || {
        "of another repository".to_owned()
    })?;
    ensure(
        proof.position.reference == found.reference && proof.ulid == found.ulid,
        || "signed for another ref".to_owned(),
    )?;
    let bundle = repository.policies().get(&proof.policy_root)?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Reproduce, &proof.actor),
    )
}
