//! The verdict as a statement: signed and stored, failure as much as success.

use std::io::Write as _;
use std::path::Path;

use gatos_core::cid::Cid;
use gatos_core::experiment::{Comparison, REPRODUCTION_REF_PREFIX, Reproduction, Verdict};
use gatos_core::genesis::Genesis;
use gatos_core::keys::Signer;
use gatos_core::name::ActorName;
use gatos_core::policy::{Bundle, Role};
use gatos_core::statement::{Position, Signed};
use gatos_git::Message;

use super::Subject;
use super::build::{Built, Expected};
use crate::clock::new_ulid;
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::WholeFile;
use crate::journal::acting;
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};

/// State what was found; the verdict follows from the findings, and is checked against them.
pub(super) fn statement(
    subject: &Subject<'_>,
    expected: &Expected,
    built: &Built,
) -> Result<Reproduction, Error> {
    let experiment = expected.experiment.statement();
    let ulid = new_ulid()?;
    let reference = format!("{REPRODUCTION_REF_PREFIX}{}", ulid.to_lower());
    let policy_root = match subject.repository {
        Some(repository) => repository.policy().0,
        None => experiment.policy_root,
    };
    let reproduction = Reproduction {
        repo: experiment.repo,
        position: Position::first(reference),
        ulid,
        experiment: expected.experiment.id(),
        verdict: verdict(expected, built),
        program: built.program.clone(),
        expected_program: experiment.program.clone(),
        inputs: built.inputs.clone(),
        outputs: built.outputs.clone(),
        dependencies: built.dependencies.clone(),
        difference: built.difference.clone(),
        blocked_by: built.blocked_by.clone(),
        isolation: built.isolation.clone(),
        environment: built.environment.clone(),
        log: built.log.as_deref().map(Cid::of_raw),
        policy_root,
        actor: actor(subject)?,
    };
    reproduction
        .check_coherence()
        .or_failed(|| "this program contradicts itself: please report it".to_owned())?;
    Ok(reproduction)
}

fn verdict(expected: &Expected, built: &Built) -> Verdict {
    let same_program = built.program == expected.experiment.statement().program;
    let nothing_missing = built
        .inputs
        .iter()
        .all(|comparison| comparison.actual.is_some());
    if built.blocked_by.is_some() {
        Verdict::Blocked
    } else if nothing_missing && !built.inputs.iter().all(Comparison::is_identical) {
        Verdict::InputsDiffer
    } else if !built.outputs.iter().all(Comparison::is_identical) {
        Verdict::Diverged
    } else if same_program {
        Verdict::Identical
    } else {
        Verdict::IdenticalFromAnotherProgram
    }
}

/// Who reproduces: in a repository somebody whom its policy lets; elsewhere whoever holds the key.
fn actor(subject: &Subject<'_>) -> Result<ActorName, Error> {
    match (subject.repository, subject.signer) {
        (Some(repository), Some(signer)) => acting(repository, signer, Role::Reproduce),
        (None, Some(signer)) => named_by_evidence(subject, signer),
        (_, None) => anonymous(),
    }
}

fn named_by_evidence(subject: &Subject<'_>, signer: &dyn Signer) -> Result<ActorName, Error> {
    let manifest = subject.evidence.manifest();
    let genesis: Signed<Genesis> = subject.evidence.signed(&manifest.genesis, "genesis")?;
    let bundle = manifest
        .policies
        .last()
        .map(|cid| subject.evidence.signed::<Bundle>(cid, "policy"));
    let known = bundle.transpose()?.and_then(|bundle| {
        bundle
            .statement()
            .trust
            .actor_of(&signer.public_key())
            .map(|(name, _)| name.clone())
    });
    match known {
        Some(name) => Ok(name),
        None if genesis.statement().key == signer.public_key() => {
            Ok(genesis.statement().actor.clone())
        }
        None => anonymous(),
    }
}

fn anonymous() -> Result<ActorName, Error> {
    "somebody"
        .parse()
        .or_failed(|| "nobody has a name".to_owned())
}

pub(super) fn sign(
    reproduction: Reproduction,
    signer: &dyn Signer,
) -> Result<Signed<Reproduction>, Error> {
    Signed::seal(reproduction, signer).context(ErrorKind::Failed, || "the key does not sign".into())
}

/// Write the verdict, signed, to a file of its own.
pub(super) fn write(signed: &Signed<Reproduction>, path: &Path) -> Result<(), Error> {
    let mut file = WholeFile::beside(path)?;
    file.write_all(&signed.envelope().encode())
        .or_failed(|| format!("cannot write `{}`", path.display()))?;
    file.put_in_place().map(drop)
}

/// Keep the verdict, its log and, where outputs differ, what was built.
pub(super) fn store(
    repository: &Repository,
    signed: &Signed<Reproduction>,
    built: &Built,
) -> Result<(), Error> {
    let statement = signed.statement();
    let keep = repository.policy().1.profile.keep_bytes;
    let message = Message::new(&format!("reproduction: {}", statement.verdict.as_str()))
        .with_trailer("Gatos-Reproduction", &signed.id().to_string())
        .with_trailer(
            "Gatos-Proof-Of-Experiment",
            &statement.experiment.to_string(),
        );
    let mut contents = vec![("proof", Content::Bytes(signed.envelope().encode()))];
    if let Some(log) = &built.log {
        contents.push(("log", Content::Bytes(log.clone())));
    }
    if statement.verdict == Verdict::Diverged {
        let small = built
            .nars
            .iter()
            .filter(|(_, nar)| nar.len() as u64 <= keep);
        let nars = small.map(|(name, nar)| (name.to_string(), Content::Bytes(nar.clone())));
        contents.push(("output-nars", Content::Folder(nars.collect())));
    }
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, None, &message)?;
    publication.update(ref_name(&statement.position.reference)?, None, commit);
    publication.publish_or_fail()
}
