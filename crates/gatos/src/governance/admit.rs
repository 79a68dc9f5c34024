//! Which statements of governance may be recorded, whoever signed them and wherever they come from.
//!
//! Commands sign and record; the daemon records what others have signed. Both end here.

use gatos_core::id::{PolicyRoot, RepoId};
use gatos_core::keys::PublicKey;
use gatos_core::name::ActorName;
use gatos_core::statement::{Signed, Statement};
use gatos_git::RefName;

use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::publication::{Publication, Published, conflict};
use crate::verify::ensure;

/// How often a race for one ref is run: whoever lost it finds what the winner wrote.
pub(super) const ROUNDS: usize = 2;

/// The statement in the bytes of an envelope, its signatures verified.
///
/// # Errors
/// Bytes that are no signed statement of this kind.
pub(super) fn open<T: Statement>(bytes: &[u8]) -> Result<Signed<T>, Error> {
    let kind = T::KIND.word();
    let envelope = gatos_core::envelope::Envelope::decode(bytes)
        .context(ErrorKind::Usage, || format!("this is no signed {kind}"))?;
    Signed::open(envelope).or_mismatch(|| format!("the {kind} does not verify"))
}

/// Check that a statement is of this repository, names the policy in force, and is signed by `actor`.
///
/// # Errors
/// The first of these that is not so.
pub(super) fn check<T: Statement>(
    repository: &Repository,
    signed: &Signed<T>,
    (repo, root, actor): (RepoId, PolicyRoot, &ActorName),
) -> Result<(), Error> {
    check_origin::<T>(repository, (repo, root))?;
    check_signers(repository, signed, Some(actor))
}

/// Check that a statement is of this repository and names the policy in force.
pub(super) fn check_origin<T: Statement>(
    repository: &Repository,
    (repo, root): (RepoId, PolicyRoot),
) -> Result<(), Error> {
    let kind = T::KIND.word();
    ensure(repo == repository.id(), || {
        format!("the {kind} is of another repository, {repo}")
    })?;
    if root == repository.policy().0 {
        return Ok(());
    }
    let message = format!("the {kind} is signed under the policy {root}, which is not in force");
    Err(Error::new(ErrorKind::Refused, message)
        .with_hint("run the command again: it is signed under the policy in force then"))
}

/// Check that every signature is of a key that the policy in force knows, and of `actor` if one is named.
pub(super) fn check_signers<T: Statement>(
    repository: &Repository,
    signed: &Signed<T>,
    actor: Option<&ActorName>,
) -> Result<(), Error> {
    let trust = &repository.policy().1.trust;
    for key in signed.signers() {
        let found = trust.actor_of(key).map(|(name, _)| name);
        if found.is_some() && actor.is_none_or(|actor| found == Some(actor)) {
            continue;
        }
        let (kind, key) = (T::KIND.word(), key.fingerprint());
        let message = match actor {
            Some(actor) => format!("the {kind} says `{actor}`, whose key {key} is not"),
            None => format!("the {kind} is signed with {key}, the key of nobody"),
        };
        return Err(Error::new(ErrorKind::Untrusted, message)
            .with_hint("`gatos trust show` lists the actors and their keys"));
    }
    Ok(())
}

/// The actor whose key this is; nobody else takes part in governing.
pub(super) fn member(repository: &Repository, key: &PublicKey) -> Result<ActorName, Error> {
    let found = repository.policy().1.trust.actor_of(key);
    found.map(|(name, _)| name.clone()).ok_or_else(|| {
        let message = format!(
            "key {} belongs to no actor of the policy in force",
            key.fingerprint()
        );
        Error::new(ErrorKind::Refused, message)
            .with_hint("`gatos trust show` lists the actors; choose a key with --key")
    })
}

/// Make a ref that is made once. Whether it was made; somebody else may have been faster.
///
/// # Errors
/// Something else that is in the way.
pub(super) fn make(publication: Publication, name: &RefName) -> Result<bool, Error> {
    match publication.publish()? {
        Published::Done => Ok(true),
        Published::Lost(lost) if lost == *name => Ok(false),
        Published::Lost(lost) => Err(conflict(&lost)),
    }
}
