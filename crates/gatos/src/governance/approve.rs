//! `gatos approve` and `gatos reject`: say yes or no to a proposal, once for each key.

use gatos_core::governance::{Approval, Proposal, Verdict, approval_ref};
use gatos_core::keys::Signer;
use gatos_core::statement::{Signed, Statement as _};
use gatos_git::Message;

use super::admit;
use super::ledger::find_proposal;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication, conflict};

/// What was said.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct ApprovalReport {
    /// The proposal
    pub proposal: String,
    /// Its title
    pub title: String,
    /// The approval's id
    pub approval: String,
    /// Who said it
    pub actor: String,
    /// `approve` or `reject`
    pub verdict: String,
    /// Whether this key had said so already, so that nothing was written
    pub already: bool,
}

/// Sign what is said of a proposal and keep it.
///
/// # Errors
/// A proposal that is not there or was made under another policy, a key of nobody, or one that said the
/// opposite before.
pub fn approve(
    repository: &Repository,
    proposal: &str,
    (verdict, reason): (Verdict, &str),
    signer: &dyn Signer,
) -> Result<ApprovalReport, Error> {
    record(
        repository,
        &sign(repository, proposal, (verdict, reason), signer)?,
    )
}

/// Sign what is said of a proposal.
///
/// # Errors
/// As [`approve`], but for what was said before.
pub(crate) fn sign(
    repository: &Repository,
    proposal: &str,
    (verdict, reason): (Verdict, &str),
    signer: &dyn Signer,
) -> Result<Signed<Approval>, Error> {
    let actor = admit::member(repository, &signer.public_key())?;
    let proposed = find_proposal(repository, proposal)?;
    check_current(repository, &proposed)?;
    let approval = Approval {
        repo: repository.id(),
        policy_root: repository.policy().0,
        proposal: proposed.id(),
        actor,
        verdict,
        reason: reason.to_owned(),
    };
    Approval::from_value(approval.to_value())
        .context(ErrorKind::Usage, || "this cannot be an approval".to_owned())?;
    Signed::seal(approval, signer).or_failed(|| "the key does not sign".to_owned())
}

/// Keep what somebody said of a proposal.
///
/// # Errors
/// An approval of another repository, under another policy, of somebody else than it says, or of a proposal
/// that is not here; or of a key that said the opposite before.
pub(crate) fn record(
    repository: &Repository,
    signed: &Signed<Approval>,
) -> Result<ApprovalReport, Error> {
    let stated = signed.statement();
    let origin = (stated.repo, stated.policy_root, &stated.actor);
    admit::check(repository, signed, origin)?;
    let proposed = &find_proposal(repository, &stated.proposal.to_string())?;
    check_current(repository, proposed)?;
    let key = signed
        .signers()
        .first()
        .ok_or_else(|| Error::new(ErrorKind::Mismatch, "the approval is signed by nobody"))?;
    let name = ref_name(&approval_ref(&proposed.id(), key))?;
    for _ in 0..admit::ROUNDS {
        let before = repository
            .git()
            .find_ref(&name)
            .or_failed(|| format!("cannot read `{name}`"))?;
        if let Some(commit) = before {
            let folder = Folder::of_commit(repository.git(), commit)?;
            let said = folder.signed::<Approval>("approval")?;
            if said.statement().verdict == stated.verdict {
                return Ok(report((&said, proposed), true));
            }
            let message = format!("this key said `{}` before", said.statement().verdict);
            return Err(Error::new(ErrorKind::Refused, message)
                .with_hint("what was said stays; make another proposal"));
        }
        let title = &proposed.statement().title;
        let message = Message::new(&format!("{}: {title}", stated.verdict))
            .with_trailer("Gatos-Proposal", &stated.proposal.to_string())
            .with_trailer("Gatos-Approval", &signed.id().to_string());
        let mut publication = Publication::new(repository);
        let contents = vec![("approval", Content::Bytes(signed.envelope().encode()))];
        let commit = publication.commit(contents, None, &message)?;
        publication.update(name.clone(), None, commit);
        if admit::make(publication, &name)? {
            return Ok(report((signed, proposed), false));
        }
    }
    Err(conflict(&name))
}

/// A proposal is decided under the policy under which it was made.
fn check_current(repository: &Repository, proposed: &Signed<Proposal>) -> Result<(), Error> {
    if proposed.statement().policy_root == repository.policy().0 {
        return Ok(());
    }
    let message = format!(
        "the proposal `{}` was made under a policy that is no longer in force",
        proposed.statement().title
    );
    Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"))
}

fn report(
    (signed, proposed): (&Signed<Approval>, &Signed<Proposal>),
    already: bool,
) -> ApprovalReport {
    ApprovalReport {
        proposal: proposed.id().to_string(),
        title: proposed.statement().title.clone(),
        approval: signed.id().to_string(),
        actor: signed.statement().actor.to_string(),
        verdict: signed.statement().verdict.to_string(),
        already,
    }
}
