//! `gatos fold run`: verify and fold a journal, sign the proof, keep the state.

use gatos_core::echolua::{ENGINE, Program};
use gatos_core::fold::{FoldLimits, FoldProof};
use gatos_core::keys::Signer;
use gatos_core::name::{JournalName, StateName};
use gatos_core::policy::Role;
use gatos_core::statement::{Position, Signed};
use gatos_core::value::Value;
use gatos_git::{EntryRef, Message, ObjectId};

use super::compile::compile_program;
use super::engine::{fold_batches, read_program};
use super::growth::{GrownTree, Growth};
use super::point::open_commit;
use super::state_ref;
use crate::error::{Context, Error};
use crate::experiment::state_file;
use crate::journal::{acting, batches};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication};
use crate::verify::History;

/// A fold program as it is handed in.
#[derive(Clone, Debug)]
pub enum ProgramSource {
    /// EchoLua source text, and what it is called in messages
    Source(String, String),
    /// A compiled program
    Compiled(Vec<u8>),
}

/// What to fold, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// The state
    pub state: StateName,
    /// The journal
    pub journal: JournalName,
    /// The program
    pub program: ProgramSource,
}

/// What a fold gave.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FoldReport {
    /// The state's name
    pub state: String,
    /// The journal
    pub journal: String,
    /// Number of events that were folded
    pub history_size: u64,
    /// The journal's history root, in hex
    pub history_root: String,
    /// The program
    pub fold_root: String,
    /// The state that it gave
    pub state_root: String,
    /// The Proof-of-Fold
    pub proof: String,
    /// Whether the state's tip proved just this already, so that nothing was written
    pub unchanged: bool,
    /// The state as the file that a job gets of it
    #[serde(skip)]
    pub(crate) file: Vec<u8>,
    /// The checkpoint's tree in Git
    #[serde(skip)]
    pub(crate) folder: EntryRef,
}

/// Fold a journal and keep the state with its proof.
///
/// # Errors
/// A signer who may not fold, a program that is not EchoLua or ends with an error, a journal that does
/// not verify, or a race that was lost.
pub fn run(
    repository: &Repository,
    request: &Request,
    signer: &dyn Signer,
    progress: &mut dyn Progress,
) -> Result<FoldReport, Error> {
    acting(repository, signer, Role::Fold)?;
    let program = match &request.program {
        ProgramSource::Source(text, name) => compile_program(text, name)?,
        ProgramSource::Compiled(bytes) => read_program(bytes, ENGINE)?,
    };
    let (policy_root, bundle) = repository.policy();
    let limits = FoldLimits {
        fuel_per_event: bundle.profile.fold_fuel_per_event,
        memory_bytes: bundle.profile.fold_memory_bytes,
    };
    progress.begin(
        &format!("fold {} into {}", request.journal, request.state),
        None,
    );
    let mut history = History::new(request.journal.clone(), repository.policies());
    let batches = batches(repository, &request.journal)?;
    let folded = fold_batches((&program, limits), &mut history, batches, None, progress)?;
    progress.end();
    let name = state_ref(&request.state)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    let previous = tip
        .map(|tip| open_commit(repository, request.state.clone(), tip))
        .transpose()?;
    let claimed = previous.as_ref().map(|previous| previous.proof.clone());
    let mut growth = previous.map_or_else(Growth::default, Growth::upon);
    let tree = growth.next(&folded.state)?;
    let position = match &claimed {
        None => Position::first(name.as_str().to_owned()),
        Some(proof) => proof.statement().position.after(proof.id()),
    };
    let proof = FoldProof {
        repo: repository.id(),
        position,
        journal: request.journal.clone(),
        history_root: history.root(),
        history_size: folded.size,
        policy_root,
        fold_root: program.root().into(),
        engine: ENGINE.to_owned(),
        limits,
        state_root: tree.root().into(),
        base: None,
    };
    if let (Some(claimed), Some(tip)) = (&claimed, tip)
        && same_claim(claimed.statement(), &proof)
    {
        let folder = Folder::entry_of_commit(repository.git(), tip)?;
        return Ok(report(request, claimed, (true, &folded.state, folder)));
    }
    let signed = Signed::seal(proof, signer).or_failed(|| "the key does not sign".to_owned())?;
    let contents = (&program, &growth, &tree);
    let commit = store(repository, &signed, contents, tip)?;
    let folder = Folder::entry_of_commit(repository.git(), commit)?;
    Ok(report(request, &signed, (false, &folded.state, folder)))
}

/// Whether two proofs claim the same, wherever each stands.
fn same_claim(a: &FoldProof, b: &FoldProof) -> bool {
    FoldProof {
        position: b.position.clone(),
        ..a.clone()
    } == *b
}

fn store(
    repository: &Repository,
    signed: &Signed<FoldProof>,
    (program, growth, tree): (&Program, &Growth, &GrownTree),
    tip: Option<ObjectId>,
) -> Result<ObjectId, Error> {
    let proof = signed.statement();
    let name = &proof.position.reference;
    let message = Message::new(&format!(
        "fold: {} events of {}",
        proof.history_size, proof.journal
    ))
    .with_trailer("Gatos-Proof-Of-Fold", &signed.id().to_string())
    .with_trailer("Gatos-State-Root", &proof.state_root.to_string())
    .with_trailer("Gatos-Fold-Root", &proof.fold_root.to_string());
    let contents = vec![
        ("program", Content::Bytes(program.to_elc())),
        ("proof", Content::Bytes(signed.envelope().encode())),
        ("state", Content::Tree(growth, tree)),
    ];
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, tip, &message)?;
    publication.update(ref_name(name)?, tip, commit);
    publication.publish_or_fail()?;
    Ok(commit)
}

fn report(
    request: &Request,
    signed: &Signed<FoldProof>,
    (unchanged, state, folder): (bool, &Value, EntryRef),
) -> FoldReport {
    let proof = signed.statement();
    FoldReport {
        state: request.state.to_string(),
        journal: proof.journal.to_string(),
        history_size: proof.history_size,
        history_root: proof.history_root.to_string(),
        fold_root: proof.fold_root.to_string(),
        state_root: proof.state_root.to_string(),
        proof: signed.id().to_string(),
        unchanged,
        file: state_file(state),
        folder,
    }
}
