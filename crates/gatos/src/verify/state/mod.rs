//! Verifying states: one proof by folding from the first event on, one link of a chain, a whole chain.
//! `docs/spec/fold.md#verification`

mod chain;
mod claim;
mod link;

use gatos_core::name::StateName;
use gatos_git::ObjectId;

use super::remembered::Remembered;
use super::report::Verification;
use crate::error::{Context, Error, ErrorKind};
use crate::fold::state_ref;
use crate::progress::Progress;
use crate::repository::Repository;

pub(crate) use self::chain::{fold_again, read_next};
pub(crate) use self::claim::{Kept, check_claim, check_fold};

/// Verify a state from genesis on: its chain of proofs, and every checkpoint by folding again. Nothing
/// is taken from what was verified earlier.
#[must_use]
pub fn verify_state(
    repository: &Repository,
    state: &StateName,
    progress: &mut dyn Progress,
) -> Verification {
    verify_chain(
        repository,
        state,
        &mut Remembered::of_this_process(),
        progress,
    )
}

/// As [`verify_state`], with what this very process verified.
pub(crate) fn verify_chain(
    repository: &Repository,
    state: &StateName,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Verification {
    let subject = format!("state {state}");
    let mut report = super::begin(repository, &subject);
    let chain = chain::read(repository, state);
    let Some(chain) = report.record(("chain of proofs", &subject), chain) else {
        return report;
    };
    let again = chain::fold_again(repository, &chain, memory, progress);
    report.record(("fold run again", &subject), again);
    report
}

/// Verify the newest link of a state: the newest checkpoint follows from the one before it, whose state
/// is taken as its proof says. Where there is none to continue, the fold is run again from the first
/// event on. Signatures that this clone verified before are not verified again.
#[must_use]
pub fn verify_state_link(
    repository: &Repository,
    state: &StateName,
    progress: &mut dyn Progress,
) -> Verification {
    let subject = format!("state {state}");
    let mut report = super::begin(repository, &subject);
    let link = tip(repository, state).and_then(|tip| link::read(repository, tip));
    let link = link.map(|link| {
        let detail = link.describe();
        (link, detail)
    });
    let Some(link) = report.record(("link", &subject), link) else {
        return report;
    };
    let again = link::fold_again(repository, &link, progress);
    report.record(("fold run again", &subject), again);
    if let Some(before) = link.taken_as_said() {
        report.skip(("earlier checkpoints", &subject), before);
    }
    report
}

/// The newest checkpoint's commit.
fn tip(repository: &Repository, state: &StateName) -> Result<ObjectId, Error> {
    let name = state_ref(state)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    tip.ok_or_else(|| Error::new(ErrorKind::Usage, format!("there is no state `{state}`")))
}

/// A journal that is missing altogether is a history that is not here.
fn missing_history(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Usage => Error::new(ErrorKind::Incomplete, error.to_string())
            .with_hint("fetch all of refs/gatos/*"),
        _ => error,
    }
}

/// The error of a journal that ends before what was folded.
fn too_short(journal: &gatos_core::name::JournalName, (found, size): (u64, u64)) -> Error {
    let message = format!("`{journal}` has {found} of the {size} events that were folded");
    Error::new(ErrorKind::Incomplete, message)
        .with_hint("fetch the whole history: git fetch --unshallow, and refs/gatos/*")
}
