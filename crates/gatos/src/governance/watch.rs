//! Seeing what happens when people agree, whoever writes it: a look at the refs of governance, and what is new.
//!
//= spec/governance.md#transitions

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::cid::Cid;
use gatos_core::governance::{
    APPROVAL_REF_PREFIX, Approval, GRANT_REF_PREFIX, PROPOSAL_REF_PREFIX, Proposal,
    REVOCATION_REF_PREFIX, Subject, Use, Verdict,
};
use gatos_core::id::{PolicyRoot, StatementId};
use gatos_core::statement::Signed;
use gatos_git::{ObjectId, RefName};

use super::ledger::{
    find_grant, find_proposal, read_approval, read_grant, read_link, read_proposal, refs,
};
use super::quorum::is_granted;
use super::revoke::standing_revocation;
use super::transition::{Step, Transition};
use super::view::ProposalView;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::{counts, moved_to, recorded};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::verify::{Consensus, ensure};

/// Remembers what it has seen of a repository, and says what is new.
#[derive(Debug, Default)]
pub struct Observer {
    /// Refs of which everything was said
    seen: BTreeMap<String, ObjectId>,
    /// Proposals for which nothing is missing
    reached: BTreeSet<StatementId>,
    /// Number of policies that were told
    policies: usize,
    /// Grants of the policy in force that may be used once and were not
    unused: BTreeMap<StatementId, Consensus>,
    /// Where the ledger was when it was last searched for what grants are about
    ledger: BTreeMap<String, ObjectId>,
    /// What cannot be read, and was said to be so
    troubles: BTreeMap<String, String>,
}

/// What a look found.
#[derive(Debug, Default)]
pub struct Look {
    /// What is new, in an order in which it can have happened
    pub transitions: Vec<Transition>,
    /// What cannot be read and therefore counts for nothing, in words
    pub troubles: Vec<String>,
}

/// What is new of proposals.
#[derive(Default)]
struct News {
    proposed: Vec<Signed<Proposal>>,
    said: Vec<(Signed<Proposal>, Signed<Approval>)>,
}

impl Observer {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Look at the repository as it is, and say what is new since the last look.
    ///
    /// A statement that cannot be read, does not verify or does not count is a trouble and no transition.
    ///
    /// # Errors
    /// Refs that cannot be listed.
    pub fn look(&mut self, repository: &Repository) -> Result<Look, Error> {
        let mut look = Look::default();
        let news = self.news(repository, &mut look)?;
        self.tell(repository, news, &mut look);
        for (name, commit) in self.unseen(repository, GRANT_REF_PREFIX)? {
            let told = read_grant(repository, &name, commit)
                .and_then(|consensus| self.granted(repository, consensus));
            self.note((&name, commit), told, &mut look);
        }
        for (name, commit) in self.unseen(repository, REVOCATION_REF_PREFIX)? {
            let told = self.revoked(repository, &name);
            self.note((&name, commit), told, &mut look);
        }
        self.activated(repository, &mut look)?;
        self.used(repository, &mut look)?;
        Ok(look)
    }

    /// The refs under a prefix that are not what they were.
    fn unseen(
        &self,
        repository: &Repository,
        prefix: &str,
    ) -> Result<Vec<(RefName, ObjectId)>, Error> {
        let mut found = refs(repository, prefix.trim_end_matches('/'))?;
        found.retain(|(name, commit)| self.seen.get(name.as_str()) != Some(commit));
        Ok(found)
    }

    /// Take what came of looking at a ref; what failed is looked at again, and told once.
    fn note(
        &mut self,
        (name, commit): (&RefName, ObjectId),
        told: Result<Vec<Transition>, Error>,
        look: &mut Look,
    ) {
        match told {
            Ok(transitions) => {
                self.seen.insert(name.as_str().to_owned(), commit);
                self.troubles.remove(name.as_str());
                look.transitions.extend(transitions);
            }
            Err(error) => {
                let trouble = format!("{name}: {}", error.full_message());
                let before = self.troubles.insert(name.to_string(), trouble.clone());
                if before.as_ref() != Some(&trouble) {
                    look.troubles.push(trouble);
                }
            }
        }
    }

    /// The proposals and approvals that are new and count.
    fn news(&mut self, repository: &Repository, look: &mut Look) -> Result<News, Error> {
        let mut news = News::default();
        for (name, commit) in self.unseen(repository, PROPOSAL_REF_PREFIX)? {
            let read = read_proposal(repository, &name, commit)
                .and_then(|proposal| check_proposer(repository, &proposal).map(|()| proposal));
            let told = read.map(|proposal| {
                news.proposed.push(proposal);
                Vec::new()
            });
            self.note((&name, commit), told, look);
        }
        for (name, commit) in self.unseen(repository, APPROVAL_REF_PREFIX)? {
            let told = said(repository, &name, commit).map(|said| {
                news.said.push(said);
                Vec::new()
            });
            self.note((&name, commit), told, look);
        }
        Ok(news)
    }

    /// Tell of proposals and of what was said, and of what that comes to.
    fn tell(&mut self, repository: &Repository, news: News, look: &mut Look) {
        let mut touched: BTreeMap<StatementId, Signed<Proposal>> = BTreeMap::new();
        for proposal in news
            .proposed
            .iter()
            .chain(news.said.iter().map(|(of, _)| of))
        {
            touched.insert(proposal.id(), proposal.clone());
        }
        let mut missing = BTreeMap::new();
        let mut outcomes = Vec::new();
        for (id, proposal) in &touched {
            let view = match ProposalView::of(repository, proposal.clone()) {
                Ok(view) => view,
                Err(error) => {
                    look.troubles
                        .push(format!("{id}: {}", error.full_message()));
                    continue;
                }
            };
            let (before, now) = (self.reached.contains(id), view.is_approved());
            let outcome = match (before, now) {
                (false, true) => Some(Step::QuorumReached),
                (true, false) if view.is_current() => Some(Step::QuorumLost),
                _ => None,
            };
            if now {
                self.reached.insert(*id);
            } else {
                self.reached.remove(id);
            }
            missing.insert(*id, view.wanted());
            outcomes.extend(outcome.map(|step| of_proposal(step, proposal)));
        }
        let missing_of = |id: &StatementId| missing.get(id).cloned().flatten();
        for proposal in &news.proposed {
            let id = proposal.id();
            look.transitions.push(Transition {
                statement: Some(id.to_string()),
                actor: Some(proposal.statement().actor.to_string()),
                missing: missing_of(&id),
                ..of_proposal(Step::Proposed, proposal)
            });
        }
        for (proposal, approval) in &news.said {
            let step = match approval.statement().verdict {
                Verdict::Approve => Step::Approved,
                Verdict::Reject => Step::Rejected,
            };
            look.transitions.push(Transition {
                statement: Some(approval.id().to_string()),
                actor: Some(approval.statement().actor.to_string()),
                missing: missing_of(&proposal.id()),
                ..of_proposal(step, proposal)
            });
        }
        let with_missing = outcomes.into_iter().map(|mut outcome| {
            let about = touched
                .keys()
                .find(|id| Some(id.to_string()) == outcome.proposal);
            outcome.missing = about.and_then(missing_of);
            outcome
        });
        look.transitions.extend(with_missing);
    }

    fn granted(
        &mut self,
        repository: &Repository,
        consensus: Consensus,
    ) -> Result<Vec<Transition>, Error> {
        ensure(is_granted(repository, &consensus)?, || {
            "the grant is not approved as its policy asks for".to_owned()
        })?;
        let transition = of_grant(Step::Granted, &consensus);
        let grant = consensus.grant.statement();
        let is_policy = matches!(grant.subject, Subject::Policy(_));
        if grant.uses == Use::Single && (is_policy || grant.policy_root == repository.policy().0) {
            // Something new to look for: also in what was looked at before.
            self.ledger.clear();
            self.unused.insert(consensus.grant.id(), consensus);
        }
        Ok(vec![transition])
    }

    fn revoked(
        &mut self,
        repository: &Repository,
        name: &RefName,
    ) -> Result<Vec<Transition>, Error> {
        let grant = name.as_str().trim_start_matches(REVOCATION_REF_PREFIX);
        let consensus = find_grant(repository, grant)?;
        let revocation = standing_revocation(repository, &consensus)?.ok_or_else(|| {
            let message = "it is of somebody who may not take this grant back";
            Error::new(ErrorKind::Untrusted, message)
        })?;
        self.unused.remove(&consensus.grant.id());
        Ok(vec![Transition {
            statement: Some(revocation.id().to_string()),
            actor: Some(revocation.statement().actor.to_string()),
            ..of_grant(Step::Revoked, &consensus)
        }])
    }

    /// Policies that took effect. The first is the founder's, and nobody agreed on it.
    fn activated(&mut self, repository: &Repository, look: &mut Look) -> Result<(), Error> {
        let order = repository.policies().order();
        let known = self.policies.max(1);
        for root in order.get(known..).unwrap_or_default() {
            look.transitions.push(activation(repository, *root)?);
        }
        if order.len() != self.policies {
            self.policies = order.len();
            self.ledger.clear();
            self.reached.clear();
        }
        Ok(())
    }

    /// Grants whose subject was done.
    fn used(&mut self, repository: &Repository, look: &mut Look) -> Result<(), Error> {
        let active = repository.policy().0;
        let order = repository.policies().order();
        let mut wanted = BTreeSet::new();
        for consensus in self.unused.values() {
            if let Subject::Content(cid) = consensus.grant.statement().subject {
                wanted.insert(cid);
            }
        }
        let there: BTreeSet<Cid> = if wanted.is_empty() {
            BTreeSet::new()
        } else {
            recorded(repository, active, &wanted, &mut self.ledger)?
        };
        let mut done = Vec::new();
        for (id, consensus) in &self.unused {
            let grant = consensus.grant.statement();
            let outdated = grant.policy_root != active;
            let used = match &grant.subject {
                Subject::Policy(root) => order.contains(root),
                _ if outdated => false,
                Subject::Content(cid) => there.contains(cid),
                subject => moved_to(repository, subject)?,
            };
            if used {
                look.transitions.push(of_grant(Step::Used, consensus));
            }
            if used || outdated {
                done.push(*id);
            }
        }
        for id in done {
            self.unused.remove(&id);
        }
        Ok(())
    }
}

/// What a key said, and of which proposal, if it counts.
fn said(
    repository: &Repository,
    name: &RefName,
    commit: ObjectId,
) -> Result<(Signed<Proposal>, Signed<Approval>), Error> {
    let approval = read_approval(repository, name, commit)?;
    let of = approval.statement().proposal;
    let proposal = find_proposal(repository, &of.to_string())?;
    let bundle = repository
        .policies()
        .get(&proposal.statement().policy_root)?;
    ensure(counts(&approval, &proposal, &bundle.trust), || {
        "it does not count: another policy, or another actor than whoever signed".to_owned()
    })?;
    Ok((proposal, approval))
}

/// Check that a proposal is of this repository, and of who it says.
fn check_proposer(repository: &Repository, proposal: &Signed<Proposal>) -> Result<(), Error> {
    let stated = proposal.statement();
    let trust = &repository.policies().get(&stated.policy_root)?.trust;
    let mut signers = proposal.signers().iter();
    let theirs = signers.all(|key| {
        let found = trust.actor_of(key);
        found.is_some_and(|(name, _)| *name == stated.actor)
    });
    ensure(theirs && stated.repo == repository.id(), || {
        format!("`{}` did not sign it for this repository", stated.actor)
    })
}

fn of_proposal(step: Step, proposal: &Signed<Proposal>) -> Transition {
    let stated = proposal.statement();
    Transition {
        step,
        proposal: Some(proposal.id().to_string()),
        title: Some(stated.title.clone()),
        statement: None,
        grant: None,
        actor: None,
        policy_root: stated.policy_root.to_string(),
        missing: None,
    }
}

fn of_grant(step: Step, consensus: &Consensus) -> Transition {
    let grant = consensus.grant.id().to_string();
    Transition {
        statement: (step == Step::Granted).then(|| grant.clone()),
        grant: Some(grant),
        ..of_proposal(step, &consensus.proposal)
    }
}

fn activation(repository: &Repository, root: PolicyRoot) -> Result<Transition, Error> {
    let name = ref_name(&format!("refs/gatos/policies/bundles/{root}"))?;
    let git = repository.git();
    let commit = git.find_ref(&name);
    let commit = commit.or_failed(|| format!("cannot read `{name}`"))?;
    let commit = commit.ok_or_else(|| {
        Error::new(ErrorKind::Incomplete, format!("`{name}` is not here"))
            .with_hint("fetch all of refs/gatos/*")
    })?;
    let activated = read_link(git, &Folder::of_commit(git, commit)?)?.activated;
    let stated = activated.as_ref().map(|a| a.activation.statement());
    let consensus = activated.as_ref().and_then(|a| a.consensus.as_ref());
    let proposal = consensus.map(|consensus| &consensus.proposal);
    Ok(Transition {
        step: Step::Activated,
        proposal: proposal.map(|proposal| proposal.id().to_string()),
        title: proposal.map(|proposal| proposal.statement().title.clone()),
        statement: activated.as_ref().map(|a| a.activation.id().to_string()),
        grant: stated.and_then(|stated| stated.grant.map(|grant| grant.to_string())),
        actor: stated.map(|stated| stated.actor.to_string()),
        policy_root: root.to_string(),
        missing: None,
    })
}
