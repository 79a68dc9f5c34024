//! `gatos fold run`: verify and fold a journal, sign the proof, keep the state.

use gatos_core::echolua::{ENGINE, Program, SourceMap};
use gatos_core::keys::Signer;
use gatos_core::name::{JournalName, StateName};
use gatos_core::policy::Role;
use gatos_core::value::Value;
use gatos_git::EntryRef;

use super::checkpoints::{Checkpoints, Ended};
use super::compile::compile_source;
use super::engine::{Course, Stop, Stops, fold_batches, read_program};
use super::start::{Start, find_start};
use super::terms::Terms;
use crate::error::Error;
use crate::experiment::state_file;
use crate::journal::{acting, stored_batches};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::Folder;
use crate::verify::{History, Remembered, StoredBatch};

/// A fold program as it is handed in.
#[derive(Clone, Debug)]
pub enum ProgramSource {
    /// EchoLua source text, and what it is called in messages
    Source(String, String),
    /// A compiled program
    Compiled(Vec<u8>),
}

impl ProgramSource {
    /// The program, and where its parts stand in its source, if there is one.
    ///
    /// # Errors
    /// A program that is not EchoLua, or of another engine.
    pub(super) fn load(&self) -> Result<(Program, Option<SourceMap>), Error> {
        match self {
            Self::Source(text, name) => {
                let compiled = compile_source(text, name)?;
                Ok((compiled.program, Some(compiled.source_map)))
            }
            Self::Compiled(bytes) => Ok((read_program(bytes, ENGINE)?, None)),
        }
    }
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
    /// Most events between two checkpoints, as far as batches allow; 0 for one checkpoint at the end.
    /// `None` takes what the profile says
    pub every: Option<u64>,
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
    /// The proof that it continues; absent where there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Number of events that were folded now; those before them were folded earlier
    pub folded: u64,
    /// Number of checkpoints that were written
    pub checkpoints: u64,
    /// Whether the state's tip proved just this already, so that nothing was written
    pub unchanged: bool,
    /// The state
    #[serde(skip)]
    pub(crate) value: Value,
    /// The checkpoint's tree in Git
    #[serde(skip)]
    pub(crate) folder: EntryRef,
}

impl FoldReport {
    /// The state as the file that a job gets of it.
    pub(crate) fn file(&self) -> Vec<u8> {
        state_file(&self.value)
    }
}

/// Fold a journal and keep the state with its proof.
///
/// A fold that this clone knows to be true is continued: only what came after it is read. Any other
/// begins at the journal's first event, and gives the same state.
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
    let actor = acting(repository, signer, Role::Fold)?;
    let (program, places) = request.program.load()?;
    progress.begin(
        &format!("fold {} into {}", request.journal, request.state),
        None,
    );
    let terms = Terms::of(repository, request, program)?;
    let mut memory = Remembered::of(repository);
    let start = find_start(repository, &terms, &memory)?;
    let from = start.size();
    let mut checkpoints = Checkpoints::new((repository, &terms), &start, (&actor, signer))?;
    let every = request
        .every
        .unwrap_or(repository.policy().1.profile.checkpoint_every);
    let stops = Stops {
        at: checkpoints.unproved().into_iter().collect(),
        every,
        until: None,
    };
    let folded = fold(
        (repository, &terms, places.as_ref()),
        (start, stops),
        &mut memory,
        progress,
        |stop| checkpoints.stop(stop),
    );
    let (found_true, ended) = checkpoints.finish(&folded);
    found_true
        .into_iter()
        .for_each(|id| memory.fold_verified(id));
    // What was verified is worth remembering, whatever came of the fold.
    memory.keep();
    folded?;
    progress.end();
    report(repository, request, from, ended?)
}

/// Fold from where it begins to the end of the journal. Every stop is handed to `each`, the end among them.
pub(super) fn fold(
    (repository, terms, places): (&Repository, &Terms, Option<&SourceMap>),
    (start, stops): (Start, Stops),
    memory: &mut Remembered,
    progress: &mut dyn Progress,
    each: impl FnMut(Stop) -> Result<(), Error>,
) -> Result<(), Error> {
    type Batches<'r> = Box<dyn Iterator<Item = Result<StoredBatch, Error>> + Send + 'r>;
    let (journal, policies) = (terms.journal.clone(), repository.policies());
    let (mut history, batches, state): (_, Batches<'_>, _) = match &start.known {
        None => {
            let batches = stored_batches(repository, &journal)?;
            (History::new(journal, policies), Box::new(batches), None)
        }
        Some(known) => {
            let tail = &known.tail;
            let head = tail.from.batch.head.clone();
            let earlier = Box::new(|| tail.earlier_identifiers(repository));
            let history = History::after(journal, policies, head, earlier);
            (
                history,
                Box::new(tail.batches(repository)),
                Some(known.state.clone()),
            )
        }
    };
    let course = Course {
        program: &terms.program,
        places,
        limits: terms.limits,
        from: state,
        stops,
    };
    fold_batches(course, (&mut history, memory), batches, progress, each)
}

fn report(
    repository: &Repository,
    request: &Request,
    from: u64,
    ended: Ended,
) -> Result<FoldReport, Error> {
    let folder = Folder::entry_of_commit(repository.git(), ended.commit)?;
    let proof = ended.proof.statement();
    Ok(FoldReport {
        state: request.state.to_string(),
        journal: proof.journal.to_string(),
        history_size: proof.history_size,
        history_root: proof.history_root.to_string(),
        fold_root: proof.fold_root.to_string(),
        state_root: proof.state_root.to_string(),
        proof: ended.proof.id().to_string(),
        base: proof.base.map(|base| base.to_string()),
        folded: proof.history_size - from,
        checkpoints: ended.written,
        unchanged: ended.written == 0,
        value: ended.state,
        folder,
    })
}
