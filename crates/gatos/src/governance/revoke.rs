//! `gatos revoke`: take a grant back.

use gatos_core::governance::{REVOCATION_REF_PREFIX, Revocation};
use gatos_core::keys::{PublicKey, Signer};
use gatos_core::name::ActorName;
use gatos_core::policy::{Role, Trust};
use gatos_core::statement::{Signed, Statement as _};
use gatos_git::Message;

use super::admit;
use super::ledger::{find_grant, revocation};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication, conflict};
use crate::verify::Consensus;

/// What was taken back.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct RevocationReport {
    /// The grant
    pub grant: String,
    /// The title of its proposal
    pub title: String,
    /// Who took it back
    pub actor: String,
    /// Whether it had been taken back already, so that nothing was written
    pub already: bool,
}

/// Take a grant back: whoever governs may, and whoever approved or proposed it.
///
/// # Errors
/// A grant that is not there, or somebody who may not.
pub fn revoke(
    repository: &Repository,
    grant: &str,
    reason: &str,
    signer: &dyn Signer,
) -> Result<RevocationReport, Error> {
    record(repository, &sign(repository, grant, reason, signer)?)
}

/// Sign that a grant is taken back.
///
/// # Errors
/// As [`revoke`], but for somebody who may not.
pub(crate) fn sign(
    repository: &Repository,
    grant: &str,
    reason: &str,
    signer: &dyn Signer,
) -> Result<Signed<Revocation>, Error> {
    let actor = admit::member(repository, &signer.public_key())?;
    let revocation = Revocation {
        repo: repository.id(),
        policy_root: repository.policy().0,
        grant: find_grant(repository, grant)?.grant.id(),
        actor,
        reason: reason.to_owned(),
    };
    Revocation::from_value(revocation.to_value()).context(ErrorKind::Usage, || {
        "this cannot be a revocation".to_owned()
    })?;
    Signed::seal(revocation, signer).or_failed(|| "the key does not sign".to_owned())
}

/// Keep a revocation that somebody signed.
///
/// # Errors
/// A revocation of another repository, under another policy, of somebody else than it says or who may not, or of a
/// grant that is not here.
pub(crate) fn record(
    repository: &Repository,
    signed: &Signed<Revocation>,
) -> Result<RevocationReport, Error> {
    let stated = signed.statement();
    let origin = (stated.repo, stated.policy_root, &stated.actor);
    admit::check(repository, signed, origin)?;
    let id = stated.grant;
    let consensus = find_grant(repository, &id.to_string())?;
    let title = consensus.proposal.statement().title.clone();
    let report = |actor: &ActorName, already| RevocationReport {
        grant: id.to_string(),
        title: title.clone(),
        actor: actor.to_string(),
        already,
    };
    let name = ref_name(&format!("{REVOCATION_REF_PREFIX}{id}"))?;
    for _ in 0..admit::ROUNDS {
        if let Some(before) = standing_revocation(repository, &consensus)? {
            return Ok(report(&before.statement().actor, true));
        }
        if !may_revoke(&repository.policy().1.trust, &consensus, &stated.actor) {
            let actor = &stated.actor;
            let message = format!("`{actor}` neither governs nor took part in this grant");
            return Err(Error::new(ErrorKind::Refused, message)
                .with_hint("ask somebody with the role `govern`, or one of those who approved"));
        }
        let message = Message::new(&format!("revoke: {title}"))
            .with_trailer("Gatos-Grant", &id.to_string())
            .with_trailer("Gatos-Revocation", &signed.id().to_string());
        let mut publication = Publication::new(repository);
        let contents = vec![("revocation", Content::Bytes(signed.envelope().encode()))];
        let commit = publication.commit(contents, None, &message)?;
        publication.update(name.clone(), None, commit);
        if admit::make(publication, &name)? {
            return Ok(report(&stated.actor, false));
        }
    }
    Err(conflict(&name))
}

/// Whether somebody may take a grant back: who governs, and who proposed or approved it.
pub(crate) fn may_revoke(trust: &Trust, consensus: &Consensus, actor: &ActorName) -> bool {
    let known = trust.actors().get(actor);
    let governs = known.is_some_and(|actor| actor.roles.contains(&Role::Govern));
    let mut approvals = consensus.approvals.iter();
    governs
        || consensus.proposal.statement().actor == *actor
        || approvals.any(|approval| approval.statement().actor == *actor)
}

/// What takes a grant back, if it is there and of somebody who may.
pub(crate) fn standing_revocation(
    repository: &Repository,
    consensus: &Consensus,
) -> Result<Option<Signed<Revocation>>, Error> {
    let found = revocation(repository, &consensus.grant.id())?;
    Ok(found.filter(|signed| {
        let stated = signed.statement();
        let policies = repository.policies();
        let Ok(bundle) = policies.get(&consensus.grant.statement().policy_root) else {
            return false;
        };
        let theirs = |key: &PublicKey| {
            let found = bundle.trust.actor_of(key);
            found.is_some_and(|(name, _)| *name == stated.actor)
        };
        stated.repo == repository.id()
            && stated.grant == consensus.grant.id()
            && signed.signers().iter().all(theirs)
            && may_revoke(&bundle.trust, consensus, &stated.actor)
    }))
}
