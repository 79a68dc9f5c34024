//! `gatos proposal new`: say what should be done, exactly.

use gatos_core::cid::Cid;
use gatos_core::governance::{PROPOSAL_REF_PREFIX, Proposal, Subject, Use};
use gatos_core::keys::Signer;
use gatos_core::statement::{Signed, Statement as _};
use gatos_core::{cbor, json};
use gatos_git::Message;

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
#[derive(Clone, Debug, serde::Serialize)]
pub struct ProposalReport {
    /// Its id
    pub proposal: String,
    /// Who proposed
    pub actor: String,
    /// What exactly, in words
    pub subject: String,
    /// The policy under which it is decided
    pub policy_root: String,
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
    let actor = member(repository, signer)?;
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
    store(repository, &signed, next)?;
    let stated = signed.statement();
    Ok(ProposalReport {
        proposal: signed.id().to_string(),
        actor: stated.actor.to_string(),
        subject: stated.subject.to_string(),
        policy_root: stated.policy_root.to_string(),
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

/// The actor whose key this is; nobody else takes part in governing.
pub(super) fn member(
    repository: &Repository,
    signer: &dyn Signer,
) -> Result<gatos_core::name::ActorName, Error> {
    let key = signer.public_key();
    let found = repository.policy().1.trust.actor_of(&key);
    found.map(|(name, _)| name.clone()).ok_or_else(|| {
        let message = format!(
            "key {} belongs to no actor of the policy in force",
            key.fingerprint()
        );
        Error::new(ErrorKind::Refused, message)
            .with_hint("`gatos trust show` lists the actors; choose a key with --key")
    })
}

fn store(
    repository: &Repository,
    signed: &Signed<Proposal>,
    next: Option<NextPolicy>,
) -> Result<(), Error> {
    let stated = signed.statement();
    let message = Message::new(&format!("proposal: {}", stated.title))
        .with_trailer("Gatos-Proposal", &signed.id().to_string())
        .with_trailer("Gatos-Policy", &stated.policy_root.to_string());
    let mut contents = vec![("proposal", Content::Bytes(signed.envelope().encode()))];
    if let Some(next) = next {
        contents.push(("bundle", Content::Bytes(next.payload)));
        contents.push(("code", Content::Bytes(next.code)));
    }
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, None, &message)?;
    let name = ref_name(&format!("{PROPOSAL_REF_PREFIX}{}", signed.id()))?;
    publication.update(name, None, commit);
    publication.publish_or_fail()
}
