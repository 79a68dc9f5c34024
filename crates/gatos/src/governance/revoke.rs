//! `gatos revoke`: take a grant back.

use gatos_core::governance::{REVOCATION_REF_PREFIX, Revocation};
use gatos_core::keys::Signer;
use gatos_core::policy::Role;
use gatos_core::statement::{Signed, Statement as _};
use gatos_git::Message;

use super::ledger::{find_grant, revocation};
use super::propose::member;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};
use crate::verify::Consensus;

/// What was taken back.
#[derive(Clone, Debug, serde::Serialize)]
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
    let actor = member(repository, signer)?;
    let consensus = find_grant(repository, grant)?;
    let id = consensus.grant.id();
    if let Some(before) = revocation(repository, &id)? {
        return Ok(RevocationReport {
            grant: id.to_string(),
            title: consensus.proposal.statement().title.clone(),
            actor: before.statement().actor.to_string(),
            already: true,
        });
    }
    let governs = repository
        .policy()
        .1
        .trust
        .authorize(&[signer.public_key()], Role::Govern)
        .is_ok();
    if !governs && !took_part(&consensus, &actor) {
        let message = format!("`{actor}` neither governs nor took part in this grant");
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("ask somebody with the role `govern`, or one of those who approved"));
    }
    let revocation = Revocation {
        repo: repository.id(),
        policy_root: repository.policy().0,
        grant: id,
        actor,
        reason: reason.to_owned(),
    };
    Revocation::from_value(revocation.to_value()).context(ErrorKind::Usage, || {
        "this cannot be a revocation".to_owned()
    })?;
    let signed =
        Signed::seal(revocation, signer).or_failed(|| "the key does not sign".to_owned())?;
    let title = consensus.proposal.statement().title.clone();
    let message = Message::new(&format!("revoke: {title}"))
        .with_trailer("Gatos-Grant", &id.to_string())
        .with_trailer("Gatos-Revocation", &signed.id().to_string());
    let mut publication = Publication::new(repository);
    let contents = vec![("revocation", Content::Bytes(signed.envelope().encode()))];
    let commit = publication.commit(contents, None, &message)?;
    publication.update(
        ref_name(&format!("{REVOCATION_REF_PREFIX}{id}"))?,
        None,
        commit,
    );
    publication.publish_or_fail()?;
    Ok(RevocationReport {
        grant: id.to_string(),
        title,
        actor: signed.statement().actor.to_string(),
        already: false,
    })
}

fn took_part(consensus: &Consensus, actor: &gatos_core::name::ActorName) -> bool {
    consensus.proposal.statement().actor == *actor
        || consensus
            .approvals
            .iter()
            .any(|approval| approval.statement().actor == *actor)
}
