//! Who signed the commit that a push brings to a ref, with Git's own signatures.
//!
//= spec/policy.md#signers

use gatos_core::id::PolicyRoot;
use gatos_core::keys::SshSignature;
use gatos_git::{ObjectId, ObjectKind, RefUpdate};

use super::court::Court;
use super::rules::peeled;
use crate::error::{Context, Error, ErrorKind};

/// What Git signs commits for.
const NAMESPACE: &str = "git";

/// Commits come with one signature each, or none: programs that read several have been led astray by them.
///
//= spec/gate.md#signatures
///
/// # Errors
/// A new commit of a branch or tag that carries several, or that cannot be read.
pub(super) fn at_most_one(court: &Court<'_>, update: &RefUpdate) -> Result<(), Error> {
    let Some(new) = update.new else {
        return Ok(());
    };
    let head = match court.kind(&new)? {
        Some(ObjectKind::Commit) => new,
        Some(ObjectKind::Tag) => match peeled(&court.view, new)? {
            (head, Some(ObjectKind::Commit)) => head,
            (_, Some(ObjectKind::Tag)) => {
                let message = "too many tags that point to each other";
                return Err(Error::new(ErrorKind::Refused, message));
            }
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    let mut seen = court.seen.borrow_mut();
    let found = court.view.oversigned(head, &mut seen, court.push.known);
    let found = found.or_failed(|| format!("cannot follow the history of {new}"))?;
    let Some((commit, count)) = found else {
        return Ok(());
    };
    let message = format!("commit {commit} has {count} headers for signatures, and may have one");
    Err(Error::new(ErrorKind::Refused, message).with_hint(format!(
        "make {commit} again with one: git commit --amend -S"
    )))
}

/// The actor of the policy `root` whose key signed the commit `new`; nobody if it is no commit, or carries no
/// signature, several, one that does not verify, or one of a stranger.
///
/// # Errors
/// An object that cannot be read.
pub(super) fn signers(
    court: &Court<'_>,
    root: PolicyRoot,
    new: Option<ObjectId>,
) -> Result<Vec<String>, Error> {
    let Some(id) = new else {
        return Ok(Vec::new());
    };
    let cannot = || format!("cannot read object {id}");
    if court.kind(&id)? != Some(ObjectKind::Commit) {
        return Ok(Vec::new());
    }
    let Some(commit) = court.view.read_signed_commit(&id).or_failed(cannot)? else {
        return Ok(Vec::new());
    };
    let key = str::from_utf8(&commit.signature)
        .ok()
        .and_then(|text| SshSignature::from_armor(text).ok())
        .and_then(|signature| signature.verify(NAMESPACE, &commit.payload).ok());
    let trust = &court.believed()?.policies().get(&root)?.trust;
    let actor = key.and_then(|key| trust.actor_of(&key));
    Ok(actor
        .map(|(name, _)| name.to_string())
        .into_iter()
        .collect())
}
