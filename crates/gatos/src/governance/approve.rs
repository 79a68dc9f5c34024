//! `gatos approve` and `gatos reject`: say yes or no to a proposal, once for each key.

use gatos_core::governance::{Approval, Verdict, approval_ref};
use gatos_core::keys::Signer;
use gatos_core::statement::{Signed, Statement as _};
use gatos_git::Message;

use super::ledger::find_proposal;
use super::propose::member;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication};

/// What was said.
#[derive(Clone, Debug, serde::Serialize)]
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
    pub verdict: &'static str,
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
    let actor = member(repository, signer)?;
    let proposed = &find_proposal(repository, proposal)?;
    let policy_root = repository.policy().0;
    if proposed.statement().policy_root != policy_root {
        let message = format!(
            "the proposal `{}` was made under a policy that is no longer in force",
            proposed.statement().title
        );
        return Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"));
    }
    let report = |signed: &Signed<Approval>, already| ApprovalReport {
        proposal: proposed.id().to_string(),
        title: proposed.statement().title.clone(),
        approval: signed.id().to_string(),
        actor: signed.statement().actor.to_string(),
        verdict: signed.statement().verdict.as_str(),
        already,
    };
    let name = ref_name(&approval_ref(&proposed.id(), &signer.public_key()))?;
    let before = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    if let Some(commit) = before {
        let said = Folder::of_commit(repository.git(), commit)?.signed::<Approval>("approval")?;
        if said.statement().verdict == verdict {
            return Ok(report(&said, true));
        }
        let message = format!("this key said `{}` before", said.statement().verdict);
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("what was said stays; make another proposal"));
    }
    let approval = Approval {
        repo: repository.id(),
        policy_root,
        proposal: proposed.id(),
        actor,
        verdict,
        reason: reason.to_owned(),
    };
    Approval::from_value(approval.to_value())
        .context(ErrorKind::Usage, || "this cannot be an approval".to_owned())?;
    let signed = Signed::seal(approval, signer).or_failed(|| "the key does not sign".to_owned())?;
    let stated = signed.statement();
    let message = Message::new(&format!("{verdict}: {}", proposed.statement().title))
        .with_trailer("Gatos-Proposal", &stated.proposal.to_string())
        .with_trailer("Gatos-Approval", &signed.id().to_string());
    let mut publication = Publication::new(repository);
    let contents = vec![("approval", Content::Bytes(signed.envelope().encode()))];
    let commit = publication.commit(contents, None, &message)?;
    publication.update(name, None, commit);
    publication.publish_or_fail()?;
    Ok(report(&signed, false))
}
