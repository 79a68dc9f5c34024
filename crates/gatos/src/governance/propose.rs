//! `gatos proposal new`: say what should be done, exactly.

use gatos_core::cid::Cid;
use gatos_core::governance::{PROPOSAL_REF_PREFIX, Proposal, Subject, Use};
use gatos_core::keys::Signer;
use gatos_core::statement::{Signed, Statement as _};
use gatos_core::{cbor, json};
use gatos_git::{Message, RefName};

use super::admit;
use super::draft::{NextPolicy, PolicyDraft};
use crate::clock::random;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};

/// A proposal before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is, in one line
    pub title: String,
    /// Why
    pub reason: String,
    /// What exactly
    pub what: What,
    /// How often the grant may be used
    pub uses: Use,
}

/// What is proposed.
#[derive(Clone, Debug)]
pub enum What {
    /// The next policy
    Policy(Box<PolicyDraft>),
    /// Anything else
    Other(Subject),
}

/// What a proposal came to.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct ProposalReport {
    /// Its id
    pub proposal: String,
    /// Who proposed
    pub actor: String,
    /// What exactly, in words
    pub subject: String,
    /// The policy under which it is decided
    pub policy_root: String,
    /// Whether it was there already, so that nothing was written
    pub already: bool,
}

/// A signed proposal; of a policy also what is proposed.
#[derive(Clone, Debug)]
pub(crate) struct Proposed {
    pub(super) signed: Signed<Proposal>,
    pub(super) next: Option<NextPolicy>,
}

/// Sign a proposal and keep it.
///
/// # Errors
/// A key of nobody, a text that is too long, a policy that changes nothing, or a race that was lost.
pub fn propose(
    repository: &Repository,
    draft: Draft,
    signer: &dyn Signer,
) -> Result<ProposalReport, Error> {
    record(repository, &sign(repository, draft, signer)?)
}

/// Sign a proposal.
///
/// # Errors
/// As [`propose`].
pub(crate) fn sign(
    repository: &Repository,
    draft: Draft,
    signer: &dyn Signer,
) -> Result<Proposed, Error> {
    let actor = admit::member(repository, &signer.public_key())?;
    let next = match &draft.what {
        What::Policy(policy) => Some(policy.next(repository)?),
        What::Other(_) => None,
    };
    let subject = match (draft.what, &next) {
        (What::Other(subject), _) => subject,
        (What::Policy(_), Some(next)) => Subject::Policy(next.root),
        (What::Policy(_), None) => {
            return Err(Error::new(ErrorKind::Failed, "there is no next policy"));
        }
    };
    let proposal = Proposal {
        repo: repository.id(),
        policy_root: repository.policy().0,
        actor,
        nonce: random()?,
        title: draft.title,
        reason: draft.reason,
        subject,
        uses: draft.uses,
    };
    Proposal::from_value(proposal.to_value())
        .context(ErrorKind::Usage, || "this cannot be a proposal".to_owned())?;
    let signed = Signed::seal(proposal, signer).or_failed(|| "the key does not sign".to_owned())?;
    Ok(Proposed { signed, next })
}

/// Keep a proposal that somebody signed.
///
/// # Errors
/// A proposal of another repository, under another policy, or of somebody else than it says; or beside it
/// another policy than it is about.
pub(crate) fn record(
    repository: &Repository,
    proposed: &Proposed,
) -> Result<ProposalReport, Error> {
    let Proposed { signed, next } = proposed;
    let stated = signed.statement();
    let origin = (stated.repo, stated.policy_root, &stated.actor);
    admit::check(repository, signed, origin)?;
    match (&stated.subject, next) {
        (Subject::Policy(root), Some(next)) => next.check(repository, root)?,
        (Subject::Policy(_), None) => {
            let message = "the policy that is proposed does not come with the proposal";
            return Err(Error::new(ErrorKind::Usage, message));
        }
        (_, Some(_)) => {
            let message = "a policy comes with a proposal of something else";
            return Err(Error::new(ErrorKind::Usage, message));
        }
        (_, None) => {}
    }
    let name = ref_name(&format!("{PROPOSAL_REF_PREFIX}{}", signed.id()))?;
    let there = repository.git().find_ref(&name);
    let there = there.or_failed(|| format!("cannot read `{name}`"))?;
    let written = there.is_none() && store(repository, (signed, next.as_ref()), &name)?;
    Ok(ProposalReport {
        proposal: signed.id().to_string(),
        actor: stated.actor.to_string(),
        subject: stated.subject.to_string(),
        policy_root: stated.policy_root.to_string(),
        already: !written,
    })
}

/// The event with the payload in a JSON text, as something that people can agree on.
///
/// # Errors
/// A text that is no payload.
pub fn event_subject(text: &str) -> Result<Subject, Error> {
    let payload =
        json::from_str(text).context(ErrorKind::Usage, || "this is no payload".to_owned())?;
    Ok(Subject::Content(Cid::of_dag_cbor(&cbor::encode(&payload))))
}

/// Write it; `false` if somebody else wrote it meanwhile.
fn store(
    repository: &Repository,
    (signed, next): (&Signed<Proposal>, Option<&NextPolicy>),
    name: &RefName,
) -> Result<bool, Error> {
    let stated = signed.statement();
    let message = Message::new(&format!("proposal: {}", stated.title))
        .with_trailer("Gatos-Proposal", &signed.id().to_string())
        .with_trailer("Gatos-Policy", &stated.policy_root.to_string());
    let mut contents = vec![("proposal", Content::Bytes(signed.envelope().encode()))];
    if let Some(next) = next {
        contents.push(("bundle", Content::Bytes(next.payload.clone())));
        contents.push(("code", Content::Bytes(next.code.clone())));
    }
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, None, &message)?;
    publication.update(name.clone(), None, commit);
    admit::make(publication, name)
}
