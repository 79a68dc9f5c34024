//! Proposals and grants as people see them.

use gatos_core::governance::{Grant, Subject, Use};
use gatos_core::statement::Signed;
use serde::Serialize;

use super::grant::standing;
use super::ledger::{all_grants, all_proposals, approvals, find_proposal};
use super::outlook::{Outlook, outlook};
use super::quorum::Standing;
use super::revoke::standing_revocation;
use crate::error::Error;
use crate::repository::Repository;
use crate::verify::Consensus;

/// A proposal and where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct ProposalView {
    /// Its id
    pub proposal: String,
    /// What it is, in one line
    pub title: String,
    /// Why
    pub reason: String,
    /// Who proposed
    pub actor: String,
    /// What kind of thing is proposed: `policy`, `update`, `commit` or `content`
    pub kind: &'static str,
    /// What exactly, in words
    pub subject: String,
    /// How often the grant may be used: `single`, or until a time in milliseconds since 1970
    pub uses: String,
    /// The policy under which it is decided
    pub policy_root: String,
    /// `open`, `approved`, `denied` if no approval helps, `undecided` if rules are asked when it happens, or `outdated`
    /// if another policy is in force since
    pub status: &'static str,
    /// What is missing, in words
    pub missing: Option<String>,
    /// What the rules in force say about it, where that is not all in `missing`
    pub rules: Option<String>,
    /// What is missing for a grant, where that is something else than `missing`
    pub grant: Option<String>,
    /// What people said, by actor
    pub approvals: Vec<ApprovalView>,
}

/// What one key said.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalView {
    /// The approval's id
    pub approval: String,
    /// Who said it
    pub actor: String,
    /// `approve` or `reject`
    pub verdict: &'static str,
    /// Why
    pub reason: String,
    /// The key's fingerprint
    pub fingerprint: String,
}

/// A grant and whether it counts.
#[derive(Clone, Debug, Serialize)]
pub struct GrantView {
    /// Its id
    pub grant: String,
    /// The proposal
    pub proposal: String,
    /// Its title
    pub title: String,
    /// What exactly is granted, in words
    pub subject: String,
    /// How often it may be used
    pub uses: String,
    /// The policy under which alone it counts
    pub policy_root: String,
    /// Who approved
    pub approved_by: Vec<String>,
    /// `usable`, `revoked`, or `outdated`
    pub status: &'static str,
}

/// Every proposal, by id.
///
/// # Errors
/// A statement that cannot be read.
pub fn proposals(repository: &Repository) -> Result<Vec<ProposalView>, Error> {
    all_proposals(repository)?
        .into_iter()
        .map(|proposal| ProposalView::of(repository, proposal))
        .collect()
}

/// The proposal that `id` means.
///
/// # Errors
/// A proposal that is not there or cannot be read.
pub fn proposal(repository: &Repository, id: &str) -> Result<ProposalView, Error> {
    ProposalView::of(repository, find_proposal(repository, id)?)
}

/// Every grant, by id.
///
/// # Errors
/// A statement that cannot be read.
pub fn grants(repository: &Repository) -> Result<Vec<GrantView>, Error> {
    all_grants(repository)?
        .iter()
        .map(|consensus| GrantView::of(repository, consensus))
        .collect()
}

impl ProposalView {
    /// Whether nothing is missing that people could still say.
    pub(super) fn is_approved(&self) -> bool {
        match self.status {
            "undecided" => self.grant.is_none(),
            status => status == "approved",
        }
    }

    /// What people could still say, in words.
    pub(super) fn wanted(&self) -> Option<String> {
        let grant = self.grant.as_ref().filter(|_| self.status == "undecided");
        self.missing.as_ref().or(grant).cloned()
    }

    /// Whether the policy under which it was made is in force.
    pub(super) fn is_current(&self) -> bool {
        self.status != "outdated"
    }

    pub(super) fn of(
        repository: &Repository,
        proposal: Signed<gatos_core::governance::Proposal>,
    ) -> Result<Self, Error> {
        let said = approvals(repository, &proposal.id())?;
        let outdated = proposal.statement().policy_root != repository.policy().0;
        let standing = if outdated {
            None
        } else {
            Some(may_be_granted(repository, &proposal, &said)?)
        };
        let state = match &standing {
            None => State::outdated(),
            Some(standing) => State::of(standing.missing(), outlook(repository, &proposal)?),
        };
        let stated = proposal.statement();
        let mut approvals: Vec<_> = said.iter().map(ApprovalView::of).collect();
        approvals.sort_by(|a, b| (&a.actor, &a.fingerprint).cmp(&(&b.actor, &b.fingerprint)));
        Ok(Self {
            proposal: proposal.id().to_string(),
            title: stated.title.clone(),
            reason: stated.reason.clone(),
            actor: stated.actor.to_string(),
            kind: kind(&stated.subject),
            subject: stated.subject.to_string(),
            uses: uses(stated.uses),
            policy_root: stated.policy_root.to_string(),
            status: state.status,
            missing: state.missing,
            rules: state.rules,
            grant: state.grant,
            approvals,
        })
    }
}

/// Where a proposal stands.
struct State {
    status: &'static str,
    missing: Option<String>,
    rules: Option<String>,
    grant: Option<String>,
}

impl State {
    const fn outdated() -> Self {
        Self {
            status: "outdated",
            missing: None,
            rules: None,
            grant: None,
        }
    }

    /// `grant` is what is missing for a grant.
    fn of(grant: Option<&str>, outlook: Outlook) -> Self {
        let grant = grant.map(str::to_owned);
        let (status, missing, rules) = match outlook {
            Outlook::Ungoverned => {
                let status = if grant.is_some() { "open" } else { "approved" };
                return Self {
                    status,
                    missing: grant,
                    rules: None,
                    grant: None,
                };
            }
            Outlook::Allowed => {
                let rules = "the rules in force allow it".to_owned();
                ("approved", None, Some(rules))
            }
            Outlook::Missing(missing) => ("open", Some(missing), None),
            Outlook::Denied(why) => ("denied", None, Some(why)),
            Outlook::Later(why) => ("undecided", None, Some(why)),
        };
        Self {
            status,
            missing,
            rules,
            grant,
        }
    }
}

fn may_be_granted(
    repository: &Repository,
    proposal: &Signed<gatos_core::governance::Proposal>,
    said: &[Signed<gatos_core::governance::Approval>],
) -> Result<Standing, Error> {
    let (root, bundle) = repository.policy();
    let grant = Grant::of(proposal, said);
    let said = grant.consensus(proposal, said, (root, &bundle.trust));
    let said = crate::error::Context::or_mismatch(said, || {
        "what was said of this proposal does not belong together".to_owned()
    })?;
    super::quorum::judge(repository, root, proposal, said)
}

impl ApprovalView {
    fn of(signed: &Signed<gatos_core::governance::Approval>) -> Self {
        let stated = signed.statement();
        let key = signed.signers().first();
        Self {
            approval: signed.id().to_string(),
            actor: stated.actor.to_string(),
            verdict: stated.verdict.as_str(),
            reason: stated.reason.clone(),
            fingerprint: key
                .map(|key| key.fingerprint().to_string())
                .unwrap_or_default(),
        }
    }
}

impl GrantView {
    pub(super) fn of(repository: &Repository, consensus: &Consensus) -> Result<Self, Error> {
        let stated = consensus.grant.statement();
        let outdated = stated.policy_root != repository.policy().0;
        let revoked = standing_revocation(repository, consensus)?.is_some();
        let approved_by = if outdated {
            let actors = consensus.approvals.iter();
            actors.map(|a| a.statement().actor.to_string()).collect()
        } else {
            standing(repository, consensus)?.approved_by()
        };
        Ok(Self {
            grant: consensus.grant.id().to_string(),
            proposal: consensus.proposal.id().to_string(),
            title: consensus.proposal.statement().title.clone(),
            subject: stated.subject.to_string(),
            uses: uses(stated.uses),
            policy_root: stated.policy_root.to_string(),
            approved_by,
            status: match (revoked, outdated) {
                (true, _) => "revoked",
                (_, true) => "outdated",
                _ => "usable",
            },
        })
    }
}

const fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Policy(_) => "policy",
        Subject::Update { .. } => "update",
        Subject::Commit(_) => "commit",
        Subject::Content(_) => "content",
    }
}

fn uses(uses: Use) -> String {
    match uses {
        Use::Single => "single".to_owned(),
        Use::Until(ms) => ms.to_string(),
    }
}
