//! Folding a state again, with the program and from the journal of its last checkpoint.

use gatos_core::fold::FoldProof;
use gatos_core::keys::Signer;
use gatos_core::name::StateName;
use gatos_core::statement::Signed;

use super::point::tip;
use super::run::{FoldReport, ProgramSource, Request, run};
use crate::error::Error;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::repository::ledger::Folder;

/// What the last checkpoint of a state was folded from, to be folded again.
///
/// # Errors
/// A state that is not there, or is damaged.
pub fn request_of(repository: &Repository, state: &StateName) -> Result<Request, Error> {
    let folder = Folder::of_commit(repository.git(), tip(repository, state)?)?;
    let proof: Signed<FoldProof> = folder.signed("proof")?;
    Ok(Request {
        state: state.clone(),
        journal: proof.statement().journal.clone(),
        program: ProgramSource::Compiled(folder.blob("program")?),
        every: None,
    })
}

/// Fold a state's journal again, with the program of its last checkpoint.
///
/// # Errors
/// As [`run`], and a state that is not there.
pub fn again(
    repository: &Repository,
    state: &StateName,
    signer: &dyn Signer,
    progress: &mut dyn Progress,
) -> Result<FoldReport, Error> {
    run(
        repository,
        &request_of(repository, state)?,
        signer,
        progress,
    )
}
