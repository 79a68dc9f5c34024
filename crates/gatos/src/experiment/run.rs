//! `gatos run`: from a study's flake to a signed Proof-of-Experiment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gatos_core::experiment::{
    EXPERIMENT_REF_PREFIX, ExperimentProof, FoldRole, FoldUse, Results, Source, Tree,
};
use gatos_core::keys::Signer;
use gatos_core::name::{ActorName, ItemName, JournalName, StateName};
use gatos_core::policy::{Requirement, Role};
use gatos_core::statement::{Position, Signed};
use gatos_git::Message;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::evaluate::{self, Evaluation, Flake, StateMeta};
use gatos_nix::job::Job;
use gatos_nix::nix::{Nix, Settings};
use gatos_nix::{Cancel, StorePath, realise};

use super::execution::{Executed, Prepared, execute};
use super::secret::SecretView;
use super::source::source;
use crate::clock::new_ulid;
use crate::error::{Context, Error, ErrorKind};
use crate::fold::{self, FoldReport, ProgramSource, compile_source};
use crate::journal::{acting, append, exists};
use crate::policy;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};

/// What to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder of the study's flake
    pub folder: PathBuf,
    /// Which of its packages is the study; `default` if it has one only
    pub attribute: String,
    /// Whether files that Git does not have may be used, where the profile does not forbid it
    pub dirty: Requirement,
    /// Raised when somebody wants to stop
    pub cancel: Cancel,
}

/// What a run recorded.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RunReport {
    /// The experiment's identifier
    pub ulid: String,
    /// Content id of the Proof-of-Experiment
    pub id: String,
    /// The experiment's name
    pub name: String,
    /// The program
    pub program_id: String,
    /// The program without its data
    pub builder_id: String,
    /// What went in
    pub inputs_root: String,
    /// What came out
    pub outputs_root: String,
    /// Where the output is, on this machine
    pub output: String,
    /// The folds that it rests on and gave
    pub folds: Vec<FoldReport>,
    /// Number of events that its output became
    pub events: u64,
    /// Whether the study's files were those of a Git commit
    pub dirty: bool,
    /// What looks like a secret in all that was recorded
    pub secrets: Vec<SecretView>,
}

/// Run an experiment and record everything about it.
///
/// # Errors
/// A signer who may not, a study that does not evaluate, a dirty tree, a fold or a job that fails.
pub fn run(
    repository: &Repository,
    request: &Request,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<RunReport, Error> {
    for role in [Role::Append, Role::Execute, Role::Fold] {
        acting(repository, signer, role)?;
    }
    let actor = acting(repository, signer, Role::Publish)?;
    let flake = Flake::new(&request.folder, &request.attribute);
    progress.begin("evaluate", None);
    let (nix, study, settings) = begin(&flake, &request.cancel)?;
    progress.end();
    let source = source(repository, request, study.tree)?;
    let name: ItemName = study.meta.name.parse().context(ErrorKind::Usage, || {
        format!("`{}` cannot be an experiment's name", study.meta.name)
    })?;
    check_folds(&study)?;
    let states = fold_states(repository, &study, signer, progress)?;
    let (drv, mut folds) = derivation((&nix, &flake), study.derivation.as_ref(), states)?;
    let closure = DrvClosure::from_store(&drv, nix.store_root())
        .or_failed(|| format!("the derivation {drv} cannot be read"))?;
    let job = Job::of(&closure).context(ErrorKind::Usage, || {
        format!("`{}` is no job", study.meta.name)
    })?;
    let prepared = Prepared {
        closure: &closure,
        job: &job,
        settings,
    };
    let executed = execute(
        (repository, &nix),
        &prepared,
        (&actor, signer),
        &request.cancel,
        progress,
    )?;
    try_fold(repository, (&study, &job), (&actor, &executed), progress)?;
    let results = record_results(repository, &study, &executed, signer, progress)?;
    if let Some(report) = fold_results(repository, &study, signer, progress)? {
        folds.push((FoldRole::Results, report));
    }
    let proof = proof(
        repository,
        (&job, name, &actor),
        (&executed, &folds),
        (results, source),
    )?;
    let who = (&actor, signer.public_key());
    policy::publish(repository, who, &proof, executed.proof.statement())?;
    let signed = Signed::seal(proof, signer).or_failed(|| "the key does not sign".to_owned())?;
    store(repository, &signed, &executed, &folds)?;
    Ok(report(&signed, &job, folds, executed.secrets))
}

/// Evaluate the study, while Nix tells which one it is and which settings are in force: it takes as
/// long to start for a word as it does for work.
fn begin(flake: &Flake, cancel: &Cancel) -> Result<(Nix, Evaluation, Settings), Error> {
    let (nix, (study, settings)) = Nix::find_while(cancel, |nix| {
        rayon::join(
            || evaluate::evaluate(nix, flake),
            || realise::effective_settings(nix),
        )
    })
    .context(ErrorKind::Blocked, || {
        "there is no Nix to run jobs with".into()
    })?;
    let study = study.context(ErrorKind::Usage, || "this study cannot be run".to_owned())?;
    let settings = settings.or_failed(|| "Nix does not tell its settings".to_owned())?;
    Ok((nix, study, settings))
}

/// Compile every fold, before anything else takes time or is recorded.
fn check_folds(study: &Evaluation) -> Result<(), Error> {
    for state in study.meta.states.values() {
        compile_source(&state.fold, &state.fold_name)?;
    }
    if let Some((name, text)) = &study.meta.fold {
        compile_source(text, name)?;
    }
    Ok(())
}

/// Fold what the output asks to record before it is recorded: events stay, whatever comes of their fold.
fn try_fold(
    repository: &Repository,
    (study, job): (&Evaluation, &Job),
    (actor, executed): (&ActorName, &Executed),
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let Some(request) = results_request(study)?.filter(|_| !executed.drafts.is_empty()) else {
        return Ok(());
    };
    let drafts = (actor, executed.drafts.as_slice());
    fold::rehearse(repository, &request, drafts, progress).map_err(|error| {
        let output = &job.output;
        let message = format!("the results in {output} cannot be folded, so none was recorded");
        Error::new(error.kind(), message).with_source(error)
    })
}

/// Fold every journal whose state is an input.
fn fold_states(
    repository: &Repository,
    study: &Evaluation,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<Vec<(String, FoldReport)>, Error> {
    let fold = |(name, meta): (&String, &StateMeta)| {
        let journal = journal_name(&meta.journal)?;
        let source = ProgramSource::Source(meta.fold.clone(), meta.fold_name.clone());
        let state = format!("{}/{name}", study.meta.name);
        let request = request(&state, journal, source)?;
        let report = fold::run(repository, &request, signer, progress)?;
        Ok((name.clone(), report))
    };
    study.meta.states.iter().map(fold).collect()
}

/// A fold of a journal into the state that is called so.
fn request(
    state: &str,
    journal: JournalName,
    program: ProgramSource,
) -> Result<fold::Request, Error> {
    let state: StateName = state.parse().context(ErrorKind::Usage, || {
        format!("`{state}` cannot be a state's name")
    })?;
    Ok(fold::Request {
        state,
        journal,
        program,
        every: None,
    })
}

fn journal_name(text: &str) -> Result<JournalName, Error> {
    text.parse().context(ErrorKind::Usage, || {
        format!("`{text}` cannot be a journal's name")
    })
}

type Folds = Vec<(FoldRole, FoldReport)>;

/// The derivation of the job, with the states' files as inputs.
fn derivation(
    (nix, flake): (&Nix, &Flake),
    known: Option<&StorePath>,
    states: Vec<(String, FoldReport)>,
) -> Result<(StorePath, Folds), Error> {
    if let (Some(derivation), true) = (known, states.is_empty()) {
        return Ok((derivation.clone(), Vec::new()));
    }
    let mut paths = BTreeMap::new();
    let mut folds = Vec::with_capacity(states.len());
    for (name, report) in states {
        let input: ItemName = name
            .parse()
            .context(ErrorKind::Usage, || format!("`{name}` cannot be an input"))?;
        paths.insert(name, add_state(nix, &input, &report.file())?);
        folds.push((FoldRole::Input(input), report));
    }
    let drv = evaluate::instantiate(nix, flake, &paths)
        .context(ErrorKind::Usage, || "this study cannot be run".to_owned())?;
    Ok((drv, folds))
}

/// Put the file of a state into the store, under the name that the job will see.
fn add_state(nix: &Nix, name: &ItemName, bytes: &[u8]) -> Result<StorePath, Error> {
    let cannot = || format!("the state `{name}` cannot be given to the job");
    let folder = tempfile::tempdir().or_failed(cannot)?;
    let path = folder.path().join(format!("{name}.json"));
    std::fs::write(&path, bytes).or_failed(cannot)?;
    nix.add_to_store(&path).or_failed(cannot)
}

/// Append the events that the output asks for.
fn record_results(
    repository: &Repository,
    study: &Evaluation,
    executed: &Executed,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<Option<Results>, Error> {
    let drafts = executed.drafts.clone();
    let Some(journal) = &study.meta.journal else {
        return if drafts.is_empty() {
            Ok(None)
        } else {
            let message = "the output has events, and the study names no journal for them";
            Err(Error::new(ErrorKind::Usage, message)
                .with_hint("set `journal` in mkExperiment, or leave events.jsonl out"))
        };
    };
    if drafts.is_empty() {
        return Ok(None);
    }
    let journal = journal_name(journal)?;
    let count = drafts.len() as u64;
    let report = append(repository, &journal, drafts, signer, progress)?;
    let first = report
        .first
        .ok_or_else(|| Error::new(ErrorKind::Failed, "the result events were not appended"))?;
    Ok(Some(Results {
        journal,
        first,
        count,
    }))
}

/// Fold the journal of the results, if the study asks for it and there are any.
fn fold_results(
    repository: &Repository,
    study: &Evaluation,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<Option<FoldReport>, Error> {
    let Some(request) = results_request(study)? else {
        return Ok(None);
    };
    if !exists(repository, &request.journal)? {
        return Ok(None);
    }
    fold::run(repository, &request, signer, progress).map(Some)
}

/// The fold of the results, if the study asks for one.
fn results_request(study: &Evaluation) -> Result<Option<fold::Request>, Error> {
    let (Some(journal), Some((name, text))) = (&study.meta.journal, &study.meta.fold) else {
        return Ok(None);
    };
    let source = ProgramSource::Source(text.clone(), name.clone());
    let state = format!("{}/results", study.meta.name);
    request(&state, journal_name(journal)?, source).map(Some)
}

fn proof(
    repository: &Repository,
    (job, name, actor): (&Job, ItemName, &ActorName),
    (executed, folds): (&Executed, &Folds),
    (results, source): (Option<Results>, Source),
) -> Result<ExperimentProof, Error> {
    let execution = executed.proof.statement();
    let outputs_root = execution
        .outputs_root
        .ok_or_else(|| Error::new(ErrorKind::Failed, "the job left no output"))?;
    let ulid = new_ulid()?;
    let fold_use = |(role, report): &(FoldRole, FoldReport)| {
        let proof = report
            .proof
            .parse()
            .or_failed(|| "a proof has no id".to_owned())?;
        Ok(FoldUse {
            role: role.clone(),
            proof,
        })
    };
    Ok(ExperimentProof {
        repo: repository.id(),
        position: Position::first(format!("{EXPERIMENT_REF_PREFIX}{}", ulid.to_lower())),
        ulid,
        name,
        inputs_root: execution.inputs_root,
        program: job.program.clone(),
        builder_id: execution.builder_id,
        policy_root: execution.policy_root,
        policy_code_root: execution.policy_code_root,
        outputs_root,
        execution: executed.proof.id(),
        folds: folds.iter().map(fold_use).collect::<Result<_, Error>>()?,
        results,
        source,
        actor: actor.clone(),
    })
}

/// One commit that holds the proof and, as the same Git objects, all that it rests on.
fn store(
    repository: &Repository,
    signed: &Signed<ExperimentProof>,
    executed: &Executed,
    folds: &Folds,
) -> Result<(), Error> {
    let proof = signed.statement();
    let message = Message::new(&format!("experiment: {} {}", proof.name, proof.ulid))
        .with_trailer("Gatos-Proof-Of-Experiment", &signed.id().to_string())
        .with_trailer("Gatos-Program", &proof.program.id);
    let mut checkpoints = Vec::with_capacity(folds.len());
    for (index, (_, report)) in folds.iter().enumerate() {
        checkpoints.push((format!("{index:04}"), Content::Entry(report.folder)));
    }
    let contents = vec![
        ("execution", Content::Entry(executed.folder)),
        ("folds", Content::Folder(checkpoints)),
        ("proof", Content::Bytes(signed.envelope().encode())),
    ];
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, None, &message)?;
    publication.update(ref_name(&proof.position.reference)?, None, commit);
    publication.publish_or_fail()
}

fn report(
    signed: &Signed<ExperimentProof>,
    job: &Job,
    folds: Folds,
    secrets: Vec<SecretView>,
) -> RunReport {
    let proof = signed.statement();
    RunReport {
        ulid: proof.ulid.to_string(),
        id: signed.id().to_string(),
        name: proof.name.to_string(),
        program_id: proof.program.id.clone(),
        builder_id: proof.builder_id.to_string(),
        inputs_root: proof.inputs_root.to_string(),
        outputs_root: proof.outputs_root.to_string(),
        output: job.output.to_string(),
        events: proof.results.as_ref().map_or(0, |results| results.count),
        dirty: proof.source.tree == Tree::Dirty,
        folds: folds.into_iter().map(|(_, report)| report).collect(),
        secrets,
    }
}
