//! `gatos grant new` and `gatos grant verify`: turn approvals into a grant, and check one.

use std::collections::BTreeSet;

use gatos_core::governance::{GRANT_REF_PREFIX, Grant, Verdict};
use gatos_core::keys::Signer;
use gatos_core::name::ActorName;
use gatos_core::statement::Signed;
use gatos_git::Message;

use super::admit;
use super::ledger::{approvals, consensus_contents, find_grant, find_proposal};
use super::quorum::{Standing, judge};
use super::revoke::standing_revocation;
use super::view::GrantView;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::counts;
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::Publication;
use crate::verify::Consensus;

/// What a grant came to.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct GrantReport {
    /// The grant's id: the same whoever writes it, and in whatever order approvals came
    pub grant: String,
    /// The proposal
    pub proposal: String,
    /// Its title
    pub title: String,
    /// What exactly is granted, in words
    pub subject: String,
    /// Who approved
    pub approved_by: Vec<String>,
    /// Whether it was there already, so that nothing was written
    pub already: bool,
}

/// Write the grant of a proposal, if the policy in force is satisfied with its approvals.
///
/// # Errors
/// A proposal that is not there, or one that is not approved as policy asks for: the error says what is
/// missing.
pub fn grant(
    repository: &Repository,
    proposal: &str,
    signer: &dyn Signer,
) -> Result<GrantReport, Error> {
    record(repository, &sign(repository, proposal, signer)?)
}

/// Sign the grant of a proposal with all that was said of it.
///
/// # Errors
/// As [`grant`].
pub(crate) fn sign(
    repository: &Repository,
    proposal: &str,
    signer: &dyn Signer,
) -> Result<Signed<Grant>, Error> {
    admit::member(repository, &signer.public_key())?;
    let proposal = find_proposal(repository, proposal)?;
    let approvals = approvals(repository, &proposal.id())?;
    let grant = Grant::of(&proposal, &approvals);
    let signed = Signed::seal(grant, signer).or_failed(|| "the key does not sign".to_owned())?;
    // Nobody signs a grant that does not count.
    let consensus = Consensus {
        grant: signed,
        proposal,
        approvals,
    };
    standing(repository, &consensus)?.ensure_granted(&consensus)?;
    Ok(consensus.grant)
}

/// Keep a grant that somebody signed, with what it rests on.
///
/// # Errors
/// A grant of another repository, under another policy, or of a stranger; one that rests on what is not here or
/// leaves a no out; or one for which something is missing.
pub(crate) fn record(
    repository: &Repository,
    signed: &Signed<Grant>,
) -> Result<GrantReport, Error> {
    let stated = signed.statement();
    admit::check_signers(repository, signed, None)?;
    let proposal = find_proposal(repository, &stated.proposal.to_string())?;
    let mut said = approvals(repository, &proposal.id())?;
    said.retain(|approval| stated.approvals.contains(&approval.id()));
    let consensus = Consensus {
        grant: signed.clone(),
        proposal,
        approvals: said,
    };
    let standing = standing(repository, &consensus)?;
    standing.ensure_granted(&consensus)?;
    if let Some(actor) = left_out(repository, &consensus)? {
        return Err(no_is_missing(&actor));
    }
    let mut report = GrantReport {
        grant: consensus.grant.id().to_string(),
        proposal: consensus.proposal.id().to_string(),
        title: consensus.proposal.statement().title.clone(),
        subject: consensus.grant.statement().subject.to_string(),
        approved_by: standing.approved_by(),
        already: true,
    };
    let name = ref_name(&format!("{GRANT_REF_PREFIX}{}", consensus.grant.id()))?;
    let there = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    if there.is_some() {
        return Ok(report);
    }
    let message = Message::new(&format!("grant: {}", report.title))
        .with_trailer("Gatos-Grant", &report.grant)
        .with_trailer("Gatos-Proposal", &report.proposal);
    let mut publication = Publication::new(repository);
    let commit = publication.commit(consensus_contents(&consensus), None, &message)?;
    publication.update(name.clone(), None, commit);
    report.already = !admit::make(publication, &name)?;
    Ok(report)
}

/// Check that a grant counts now: everything belongs together, the policy in force is satisfied, and nobody
/// took it back.
///
/// # Errors
/// The first reason why it does not count.
pub fn verify_grant(repository: &Repository, id: &str) -> Result<GrantView, Error> {
    let consensus = find_grant(repository, id)?;
    usable(repository, &consensus)?;
    GrantView::of(repository, &consensus)
}

/// Check that a grant may be used now.
pub(super) fn usable(repository: &Repository, consensus: &Consensus) -> Result<(), Error> {
    let grant = consensus.grant.id();
    if let Some(revocation) = standing_revocation(repository, consensus)? {
        let actor = &revocation.statement().actor;
        let message = format!("the grant {grant} was taken back by `{actor}`");
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("propose it again, and say what has changed"));
    }
    standing(repository, consensus)?.ensure_granted(consensus)?;
    match left_out(repository, consensus)? {
        None => Ok(()),
        Some(actor) => Err(no_is_missing(&actor)),
    }
}

/// Who rejected the proposal and is left out of a consensus on it.
pub(crate) fn left_out(
    repository: &Repository,
    consensus: &Consensus,
) -> Result<Option<ActorName>, Error> {
    let proposal = &consensus.proposal;
    let bundle = repository
        .policies()
        .get(&proposal.statement().policy_root)?;
    let named: BTreeSet<_> = consensus.approvals.iter().map(Signed::id).collect();
    let said = approvals(repository, &proposal.id())?;
    let mut noes = said.iter().filter(|approval| {
        approval.statement().verdict == Verdict::Reject
            && !named.contains(&approval.id())
            && counts(approval, proposal, &bundle.trust)
    });
    Ok(noes.next().map(|no| no.statement().actor.clone()))
}

/// The error of a consensus that leaves somebody's no out.
pub(crate) fn no_is_missing(actor: &ActorName) -> Error {
    let message = format!("`{actor}` rejected it, and the grant leaves that out");
    Error::new(ErrorKind::Refused, message)
        .with_hint("write the grant again, from all that was said: gatos grant new")
}

/// Who said what, and what the policy in force makes of it.
pub(super) fn standing(repository: &Repository, consensus: &Consensus) -> Result<Standing, Error> {
    let (root, bundle) = repository.policy();
    let grant = consensus.grant.statement();
    if grant.policy_root != root {
        let seq = repository
            .policies()
            .get(&grant.policy_root)
            .map(|before| before.position.seq)?;
        let now = bundle.position.seq;
        let message =
            format!("it was granted under policy {seq}, and policy {now} is in force since");
        return Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"));
    }
    let said = grant
        .consensus(
            &consensus.proposal,
            &consensus.approvals,
            (root, &bundle.trust),
        )
        .or_mismatch(|| "the grant does not count".to_owned())?;
    judge(repository, root, &consensus.proposal, said)
}
