//! What a ref of ours would hold: read from the push, and verified as anybody else would.

use gatos_core::gate::Flaw;
use gatos_core::place::Place;
use gatos_core::policy::Bundle;
use gatos_core::statement::Signed;
use gatos_git::{EntryKind, ObjectId, RefUpdate};

use super::court::Court;
use super::{governance, journal, place, state};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::ledger::Folder;
use crate::verify::ensure;

/// What is wrong with what a ref of ours would hold, if anything is.
///
/// # Errors
/// Something that could not be looked at for a reason that is not the push's.
pub(super) fn flaw(
    court: &Court<'_>,
    update: &RefUpdate,
    place: &Place,
    commits: &[ObjectId],
) -> Result<Option<Flaw>, Error> {
    let Some(tip) = update.new else {
        return Ok(None);
    };
    let checked = match place {
        Place::Policies => policies(court, commits),
        Place::Bundle(cid) => bundle(court, tip, &(*cid).into()),
        Place::Proposal(id) => governance::proposal(court, tip, id),
        Place::Approval(..) => governance::approval(court, update.name.as_str(), tip),
        Place::Grant(id) => governance::grant(court, tip, id),
        Place::Revocation(id) => governance::revocation(court, tip, id),
        Place::Journal(name) => journal::check(court, name, update.old, commits),
        Place::State(_) => state::check(court, (update.name.as_str(), update.old), commits),
        Place::Job(_) => place::job(court, update.name.as_str(), tip),
        Place::Experiment(_) => place::experiment(court, update.name.as_str(), tip),
        Place::Reproduction(_) => place::reproduction(court, update.name.as_str(), tip),
        _ => Ok(()),
    };
    let Err(error) = checked else {
        return Ok(None);
    };
    Ok(Some(Flaw {
        rule: format!("gate.{}", place.word()),
        message: error.full_message(),
        next: hint(&error),
    }))
}

fn hint(error: &Error) -> Option<String> {
    error.hint().map(str::to_owned)
}

/// The chain as a whole was followed when the court was opened; here is what each commit holds.
fn policies(court: &Court<'_>, commits: &[ObjectId]) -> Result<(), Error> {
    let after = court.believed()?;
    if let Some(before) = &court.before {
        ensure(after.id() == before.id(), || {
            "the chain begins with another genesis".to_owned()
        })?;
    }
    for commit in commits {
        let first = court
            .view
            .read_commit(commit)
            .or_mismatch(|| format!("cannot read commit {commit}"))?
            .parents
            .is_empty();
        let folder = if first {
            exactly(court, *commit, &["bundle", "code", "genesis"])?
        } else {
            let entries = ["activation", "anchors", "bundle", "code", "consensus"];
            only(court, *commit, &entries)?
        };
        let bundle: Signed<Bundle> = folder.signed("bundle")?;
        let code = gatos_core::cid::Cid::of_dag_cbor(&folder.blob("code")?);
        ensure(code == bundle.statement().code.cid(), || {
            format!("the rules in commit {commit} are not those that its bundle names")
        })?;
    }
    governance::anchors(court)
}

fn bundle(
    court: &Court<'_>,
    tip: ObjectId,
    root: &gatos_core::id::PolicyRoot,
) -> Result<(), Error> {
    let bundle: Signed<Bundle> = Folder::of_commit(&court.view, tip)?.signed("bundle")?;
    ensure(bundle.id().cid() == root.cid(), || {
        "the bundle there is another".to_owned()
    })?;
    court.believed()?.policies().get(root).map(|_| ())
}

/// The tree of a commit, which must hold exactly these entries, each a plain file or folder.
pub(super) fn exactly<'c>(
    court: &'c Court<'_>,
    commit: ObjectId,
    names: &[&str],
) -> Result<Folder<'c>, Error> {
    let folder = only(court, commit, names)?;
    for name in names {
        folder.get(name)?;
    }
    Ok(folder)
}

/// The tree of a commit, which must hold nothing but these entries, each a plain file or folder.
pub(super) fn only<'c>(
    court: &'c Court<'_>,
    commit: ObjectId,
    names: &[&str],
) -> Result<Folder<'c>, Error> {
    let header = court
        .view
        .read_commit(&commit)
        .or_mismatch(|| format!("cannot read commit {commit}"))?;
    ensure(!header.has_more, || {
        format!("commit {commit} has headers that commits of ours do not have")
    })?;
    let folder = Folder::of_commit(&court.view, commit)?;
    for entry in folder.entries() {
        if entry.kind == EntryKind::Foreign || !names.contains(&entry.name.as_str()) {
            let message = format!(
                "commit {commit} holds `{}`, which does not belong there",
                entry.name
            );
            return Err(Error::new(ErrorKind::Mismatch, message));
        }
    }
    Ok(folder)
}
