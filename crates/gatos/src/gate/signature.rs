//! Who signed the commit that a push brings to a ref, with Git's own signatures.
//!
//= spec/policy.md#signers

use gatos_core::id::PolicyRoot;
use gatos_core::keys::SshSignature;
use gatos_git::{ObjectId, ObjectKind};

use super::court::Court;
use crate::error::{Context, Error};

/// What Git signs commits for.
const NAMESPACE: &str = "git";

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
    let header = court.view.object_header(&id).or_failed(cannot)?;
    if !matches!(header, Some((ObjectKind::Commit, _))) {
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
