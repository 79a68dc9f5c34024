//! Running a job, and the signed proof of what came of it.

use std::collections::BTreeMap;
use std::path::Path;

use gatos_core::cid::Cid;
use gatos_core::id::{InputsRoot, OutputsRoot};
use gatos_core::job::{
    ExecutionProof, Isolation, Item, ItemList, JOB_REF_PREFIX, NarDigest, Outcome,
};
use gatos_core::keys::Signer;
use gatos_core::name::{ActorName, ItemName};
use gatos_core::policy::{Bundle, Requirement};
use gatos_core::statement::{Position, Signed};
use gatos_core::ulid::Ulid;
use gatos_git::{EntryRef, Message};
use gatos_nix::derivation::DrvClosure;
use gatos_nix::environment::environment;
use gatos_nix::job::Job;
use gatos_nix::nar;
use gatos_nix::nix::{Nix, Settings};
use gatos_nix::realise::{self, Execution, Output};
use gatos_nix::{Cancel, RESERVE_BYTES, StorePath};

use super::results::{result_drafts, result_drafts_on_disk};
use super::secret::{self, SecretView};
use crate::clock::new_ulid;
use crate::error::{Context, Error, ErrorKind};
use crate::journal::Draft;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication};

/// A job that was run, and where its evidence lies.
pub(super) struct Executed {
    pub(super) proof: Signed<ExecutionProof>,
    pub(super) folder: EntryRef,
    /// The events that the output asks for
    pub(super) drafts: Vec<Draft>,
    /// What looks like a secret in all that was recorded
    pub(super) secrets: Vec<SecretView>,
}

/// A job that is about to run.
pub(super) struct Prepared<'a> {
    pub(super) closure: &'a DrvClosure,
    pub(super) job: &'a Job,
    /// The settings in force
    pub(super) settings: Settings,
}

/// Run a job in the sandbox, and sign and store the proof, whether it succeeds or not.
pub(super) fn execute(
    (repository, nix): (&Repository, &Nix),
    prepared: &Prepared<'_>,
    (actor, signer): (&ActorName, &dyn Signer),
    cancel: &Cancel,
    progress: &mut dyn Progress,
) -> Result<Executed, Error> {
    let keep = repository.policy().1.profile.keep_bytes;
    let inputs = read_items(nix, &prepared.job.inputs, keep)?;
    progress.begin(&format!("build {}", prepared.job.name), None);
    let execution = run(nix, prepared, cancel, progress)?;
    progress.end();
    if let realise::Outcome::Tampered { path, .. } = &execution.outcome {
        // Nothing was executed, so there is nothing to prove.
        return Err(tampered(path));
    }
    let environment = environment(nix, &execution.settings);
    let ended = Ended::of(nix, &execution, keep)?;
    let isolation = Isolation::from_log(execution.log.text());
    let refusal = refuse(repository.policy().1, &ended, &isolation);
    let log = execution.log.text().as_bytes();
    let (policy_root, bundle) = repository.policy();
    let ulid = new_ulid()?;
    let proof = ExecutionProof {
        repo: repository.id(),
        position: Position::first(format!("{JOB_REF_PREFIX}{}", ulid.to_lower())),
        job: ulid,
        claim: None,
        inputs_root: InputsRoot::from(inputs.list.root()),
        program: prepared.job.program.clone(),
        builder_id: prepared.job.builder,
        outputs_root: ended
            .outputs
            .as_ref()
            .map(|kept| OutputsRoot::from(kept.list.root())),
        outcome: ended.outcome,
        log: Cid::of_raw(log),
        policy_root,
        policy_code_root: bundle.code,
        isolation,
        environment,
        actor: actor.clone(),
    };
    let signed = Signed::seal(proof, signer).or_failed(|| "the key does not sign".to_owned())?;
    let folder = store(
        repository,
        &signed,
        (prepared.closure, log),
        (&inputs, &ended),
    )?;
    let secrets = secrets(prepared, &inputs, (log, ended.outputs.as_ref()));
    match (refusal, ended.outputs) {
        (Some(error), _) => Err(with_record(error, signed.statement().job, &secrets)),
        (None, Some(outputs)) => {
            let drafts = drafts(nix, prepared.job, &outputs)?;
            Ok(Executed {
                proof: signed,
                folder,
                drafts,
                secrets,
            })
        }
        (None, None) => Err(Error::new(ErrorKind::Failed, "the job left no output")),
    }
}

/// Store paths with their hashes, and the NARs of those that are kept.
pub(super) struct Items {
    pub(super) list: ItemList,
    pub(super) nars: BTreeMap<ItemName, Vec<u8>>,
}

/// The error of an attempt that is recorded all the same, which says where to look.
fn with_record(error: Error, job: Ulid, secrets: &[SecretView]) -> Error {
    let mut hint =
        format!("the attempt is recorded as job {job}; `gatos job log {job}` prints its whole log");
    for secret in secrets {
        hint.push_str(&format!("; {secret}"));
    }
    error.with_hint(hint)
}

/// What looks like a secret in the program, in what it read, printed and wrote.
fn secrets(
    prepared: &Prepared<'_>,
    inputs: &Items,
    (log, outputs): (&[u8], Option<&Items>),
) -> Vec<SecretView> {
    let mut found = secret::in_derivation(prepared.closure.root());
    found.extend(secret::in_bytes("the log", log));
    let outputs = outputs.into_iter().flat_map(|items| &items.nars);
    for (what, (name, nar)) in inputs
        .nars
        .iter()
        .map(|item| ("input", item))
        .chain(outputs.map(|item| ("output", item)))
    {
        found.extend(secret::in_archive(&format!("{what} {name}"), nar));
    }
    found
}

/// The events that the output asks for: from the bytes kept, or from the store if they are too many.
fn drafts(nix: &Nix, job: &Job, outputs: &Items) -> Result<Vec<Draft>, Error> {
    match outputs.nars.values().next() {
        Some(nar) => result_drafts(nar),
        None => result_drafts_on_disk(&job.output.below(nix.store_root())),
    }
}

/// The error of a store whose bytes are not those that Nix registered.
fn tampered(path: &StorePath) -> Error {
    let message = format!("the bytes of {path} are not those that Nix registered");
    Error::new(ErrorKind::Mismatch, message).with_hint(format!(
        "somebody changed the store: `nix-store --delete {path}`, then run again"
    ))
}

/// Hash the bytes behind store paths, and keep those that are small enough.
pub(super) fn read_items(
    nix: &Nix,
    paths: &BTreeMap<ItemName, StorePath>,
    keep: u64,
) -> Result<Items, Error> {
    let mut items = Vec::with_capacity(paths.len());
    let mut nars = BTreeMap::new();
    for (name, path) in paths {
        let (digest, nar) = read_nar(&path.below(nix.store_root()), keep)?;
        items.push(Item {
            name: name.clone(),
            nar: digest,
            references: Vec::new(),
        });
        nars.extend(nar.map(|nar| (name.clone(), nar)));
    }
    let list = ItemList::new(items)
        .ok_or_else(|| Error::new(ErrorKind::Failed, "two inputs have one name"))?;
    Ok(Items { list, nars })
}

/// The digest of a file system object, and its NAR if that has at most `keep` bytes.
pub(super) fn read_nar(path: &Path, keep: u64) -> Result<(NarDigest, Option<Vec<u8>>), Error> {
    let cannot = || format!("cannot read `{}`", path.display());
    let hash = nar::hash(path).or_failed(cannot)?;
    let digest = NarDigest {
        sha256: hash.sha256,
        size: hash.size,
    };
    if hash.size > keep {
        return Ok((digest, None));
    }
    let mut bytes = Vec::new();
    let again = nar::write(path, &mut bytes).or_failed(cannot)?;
    if again != hash {
        let message = format!("`{}` changed while it was read", path.display());
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    Ok((digest, Some(bytes)))
}

fn run(
    nix: &Nix,
    prepared: &Prepared<'_>,
    cancel: &Cancel,
    progress: &mut dyn Progress,
) -> Result<Execution, Error> {
    let mut options = realise::Options {
        timeout: prepared.job.timeout,
        cancel: cancel.clone(),
        cores: None,
        progress: &mut |line| progress.note(line),
    };
    let settings = prepared.settings.clone();
    realise::realise_under(nix, prepared.closure, settings, &mut options)
        .context(ErrorKind::Blocked, || "the job could not be run".to_owned())
}

/// What came of an execution, in the words of a proof.
struct Ended {
    outcome: Outcome,
    outputs: Option<Items>,
    problem: Option<Error>,
}

impl Ended {
    fn of(nix: &Nix, execution: &Execution, keep: u64) -> Result<Self, Error> {
        let failed = |outcome, problem| {
            Ok(Self {
                outcome,
                outputs: None,
                problem: Some(problem),
            })
        };
        match &execution.outcome {
            realise::Outcome::Succeeded { outputs } => Ok(Self {
                outcome: Outcome::Succeeded,
                outputs: Some(output_items(nix, outputs, keep)?),
                problem: None,
            }),
            realise::Outcome::Failed { failure } => {
                let message = format!("the job failed: {}", describe(*failure));
                let tail = last_lines(execution.log.text());
                failed(
                    Outcome::Failed,
                    Error::new(ErrorKind::Failed, format!("{message}\n{tail}")),
                )
            }
            realise::Outcome::TimedOut => {
                let message = "the job took longer than its `timeout`";
                failed(Outcome::TimedOut, Error::new(ErrorKind::Failed, message))
            }
            realise::Outcome::Cancelled => failed(
                Outcome::Cancelled,
                Error::new(ErrorKind::Failed, "the job was cancelled"),
            ),
            realise::Outcome::DiskFull => {
                let message = format!("the job was stopped: {}", disk_full());
                failed(Outcome::Failed, Error::new(ErrorKind::Failed, message))
            }
            realise::Outcome::NotDeterministic { outputs, .. } => {
                let paths: Vec<_> = outputs
                    .values()
                    .map(|output| output.path.to_string())
                    .collect();
                let message = format!(
                    "the job made something else than before in {}",
                    paths.join(", ")
                );
                failed(Outcome::Failed, Error::new(ErrorKind::Mismatch, message).with_hint(
                    "find what changes from run to run (a clock, randomness, the order of a set)",
                ))
            }
            realise::Outcome::Tampered { path, .. } => failed(Outcome::Failed, tampered(path)),
        }
    }
}

/// What is said of a disk that is nearly full.
pub(super) fn disk_full() -> String {
    format!(
        "less than {} MiB were left on the disk of the store or of temporary files: make room, \
         e.g. with `nix-collect-garbage`",
        RESERVE_BYTES >> 20
    )
}

fn describe(failure: realise::Failure) -> String {
    match failure {
        realise::Failure::Exited { code } => format!("it ended with exit code {code}"),
        realise::Failure::Killed { signal } => format!("signal {signal} ended it"),
        realise::Failure::NoOutput => "it did not create $out".to_owned(),
        realise::Failure::BadOutput => {
            "it left a device, a socket, or a file that is set-user-id".to_owned()
        }
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| !line.starts_with("gatos-isolation "))
        .collect();
    let from = lines.len().saturating_sub(15);
    lines[from..]
        .iter()
        .map(|line| format!("  | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn output_items(nix: &Nix, outputs: &BTreeMap<String, Output>, keep: u64) -> Result<Items, Error> {
    let mut items = Vec::new();
    let mut nars = BTreeMap::new();
    for (name, output) in outputs {
        let name: ItemName = name
            .parse()
            .context(ErrorKind::Failed, || format!("output `{name}`"))?;
        let (digest, nar) = read_nar(&output.path.below(nix.store_root()), keep)?;
        if digest != output.nar || digest != output.registered {
            return Err(tampered(&output.path));
        }
        nars.extend(nar.map(|nar| (name.clone(), nar)));
        items.push(output.to_item(name));
    }
    let list = ItemList::new(items)
        .ok_or_else(|| Error::new(ErrorKind::Failed, "two outputs have one name"))?;
    Ok(Items { list, nars })
}

/// Why this execution is not good enough, although it is recorded.
fn refuse(bundle: &Bundle, ended: &Ended, isolation: &Isolation) -> Option<Error> {
    if let Some(problem) = &ended.problem {
        let mut error = Error::new(problem.kind(), problem.to_string());
        if let Some(hint) = problem.hint() {
            error = error.with_hint(hint);
        }
        return Some(error);
    }
    if bundle.profile.isolation == Requirement::Required && !isolation.holds() {
        let why = isolation.violations().join("; ");
        return Some(Error::new(
            ErrorKind::Refused,
            format!("the build was not isolated: {why}"),
        ));
    }
    None
}

fn store(
    repository: &Repository,
    signed: &Signed<ExecutionProof>,
    (closure, log): (&DrvClosure, &[u8]),
    (inputs, ended): (&Items, &Ended),
) -> Result<EntryRef, Error> {
    let proof = signed.statement();
    let message = Message::new(&format!(
        "job: {} {}",
        proof.program.id,
        proof.outcome.as_str()
    ))
    .with_trailer("Gatos-Proof-Of-Execution", &signed.id().to_string())
    .with_trailer("Gatos-Job", &proof.job.to_string());
    let derivations = closure.derivations();
    let derivations = derivations
        .map(|drv| (drv.path().base_name(), Content::Bytes(drv.text().to_vec())))
        .collect();
    let mut contents = vec![
        ("derivations", Content::Folder(derivations)),
        ("input-nars", nars(inputs)),
        ("inputs", Content::Bytes(inputs.list.encode())),
        ("log", Content::Bytes(log.to_vec())),
        ("proof", Content::Bytes(signed.envelope().encode())),
    ];
    if let Some(outputs) = &ended.outputs {
        contents.push(("output-nars", nars(outputs)));
        contents.push(("outputs", Content::Bytes(outputs.list.encode())));
    }
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, None, &message)?;
    publication.update(ref_name(&proof.position.reference)?, None, commit);
    publication.publish_or_fail()?;
    Folder::entry_of_commit(repository.git(), commit)
}

fn nars(items: &Items) -> Content<'_> {
    let entries = items.nars.iter();
    let entries = entries.map(|(name, nar)| (name.to_string(), Content::Bytes(nar.clone())));
    Content::Folder(entries.collect())
}
