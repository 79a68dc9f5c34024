//! What a ref of ours would hold: read from the push, and verified as anybody else would.

use gatos_core::place::Place;
use gatos_core::policy::Bundle;
use gatos_core::statement::Signed;
use gatos_git::{EntryKind, ObjectId, RefUpdate};

use super::court::Court;
use super::rules::Objection;
use super::{governance, journal, place, state};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::ledger::Folder;
use crate::verify::ensure;

/// What is in the way of what a ref of ours would hold, if anything is.
///
/// # Errors
/// What is wrong with it, or what the rules of the policy say no to.
pub(super) fn examine(
    court: &Court<'_>,
    update: &RefUpdate,
    place: &Place,
    commits: &[ObjectId],
) -> Result<(), Objection> {
    let Some(tip) = update.new else {
        return Ok(());
    };
    let name = update.name.as_str();
    match place {
        Place::Policies => policies(court, name, commits),
        Place::Bundle(cid) => Ok(bundle(court, tip, &(*cid).into())?),
        Place::Proposal(id) => Ok(governance::proposal(court, tip, id)?),
        Place::Approval(..) => Ok(governance::approval(court, name, tip)?),
        Place::Grant(id) => Ok(governance::grant(court, tip, id)?),
        Place::Revocation(id) => Ok(governance::revocation(court, tip, id)?),
        Place::Journal(journal) => journal::check(court, (name, journal), update.old, commits),
        Place::State(_) => state::check(court, (name, update.old), commits),
        Place::Job(_) => Ok(place::job(court, name, tip)?),
        Place::Experiment(_) => place::experiment(court, name, tip),
        Place::Reproduction(_) => Ok(place::reproduction(court, name, tip)?),
        _ => Ok(()),
    }
}

/// The chain as a whole was followed when the court was opened; here is what each commit holds, and what
/// the rules of each policy say to the next.
fn policies(court: &Court<'_>, name: &str, commits: &[ObjectId]) -> Result<(), Objection> {
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
            exactly(&court.view, *commit, &["bundle", "code", "genesis"])?
        } else {
            let entries = ["activation", "anchors", "bundle", "code", "consensus"];
            only(&court.view, *commit, &entries)?
        };
        let bundle: Signed<Bundle> = folder.signed("bundle")?;
        let code = gatos_core::cid::Cid::of_dag_cbor(&folder.blob("code")?);
        ensure(code == bundle.statement().code.cid(), || {
            format!("the rules in commit {commit} are not those that its bundle names")
        })?;
        // Rules that nobody here can read would stop everything from then on.
        after.policies().program(&bundle.statement().code)?;
        if !first {
            governance::activation(court, name, bundle.statement().position.seq)?;
        }
    }
    Ok(governance::anchors(court)?)
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
    view: &'c gatos_git::Repository,
    commit: ObjectId,
    names: &[&str],
) -> Result<Folder<'c>, Error> {
    let folder = only(view, commit, names)?;
    for name in names {
        folder.get(name)?;
    }
    Ok(folder)
}

/// The tree of a commit, which must hold nothing but these entries, each a plain file or folder.
pub(super) fn only<'c>(
    view: &'c gatos_git::Repository,
    commit: ObjectId,
    names: &[&str],
) -> Result<Folder<'c>, Error> {
    let header = view
        .read_commit(&commit)
        .or_mismatch(|| format!("cannot read commit {commit}"))?;
    ensure(!header.has_more, || {
        format!("commit {commit} has headers that commits of ours do not have")
    })?;
    let folder = Folder::of_tree(view, (format!("commit {commit}"), &header.tree))?;
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
