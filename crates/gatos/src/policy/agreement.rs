//! What people agreed on about the very content of a deed, under the policy that judges it.
//!
//= spec/governance.md#deeds

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use gatos_core::cbor;
use gatos_core::governance::{Approval, Grant, Proposal, Subject, Use, Verdict};
use gatos_core::id::{PolicyRoot, StatementId};
use gatos_core::keys::PublicKey;
use gatos_core::name::ActorName;
use gatos_core::policy::{Role, Trust};
use gatos_core::statement::Signed;
use gatos_core::value::Value;

use super::deed::Deed;
use super::facts::MS;
use super::law::Law;
use super::spent::is_spent;
use crate::error::Error;
use crate::governance::{all_grants, all_proposals, approvals, is_granted, standing_revocation};
use crate::repository::Repository;
use crate::verify::Consensus;

/// Most proposals about one thing with which rules are asked.
const MAX_CANDIDATES: usize = 8;

/// Who said what of a proposal: one word for each person, whatever keys they have.
pub(crate) type Said = BTreeMap<ActorName, (PublicKey, Verdict)>;

/// A proposal that stands, what was said of it, and its grants.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    pub(crate) proposal: StatementId,
    pub(crate) uses: Use,
    pub(crate) said: Said,
    pub(crate) grants: Vec<StatementId>,
}

impl Agreement {
    /// The agreement of a Proof-of-Consensus that was checked.
    pub(crate) fn of(consensus: &Consensus, said: Said) -> Self {
        Self {
            proposal: consensus.proposal.id(),
            uses: consensus.grant.statement().uses,
            said,
            grants: vec![consensus.grant.id()],
        }
    }

    /// What stands in an input: the proposal, its approvals, its grants.
    pub(super) fn to_values(&self) -> (Value, Value, Value) {
        let approvals = self.said.iter().map(|(actor, (key, verdict))| {
            Value::map([
                ("actor", Value::text(actor.as_str())),
                ("key", Value::text(key.fingerprint().to_string())),
                ("verdict", Value::text(verdict.as_str())),
            ])
        });
        let until = match self.uses {
            Use::Single => Value::Null,
            Use::Until(ms) => Value::Integer(ms.div_euclid(MS)),
        };
        let grants = self.grants.iter().map(|id| {
            Value::map([
                ("id", (*id).into()),
                ("proposal", self.proposal.into()),
                ("single", Value::Bool(self.uses == Use::Single)),
                ("until", until.clone()),
            ])
        });
        (
            self.proposal.into(),
            Value::list(approvals),
            Value::list(grants),
        )
    }

    fn approvers(&self) -> usize {
        let yes = self
            .said
            .values()
            .filter(|(_, said)| *said == Verdict::Approve);
        yes.count()
    }
}

/// Whether everybody agreed: all who govern or belong to a group said yes, and nobody said no.
pub(crate) fn everybody(trust: &Trust, said: &Said) -> bool {
    let counts = trust
        .actors()
        .iter()
        .filter(|(_, actor)| actor.roles.contains(&Role::Govern) || !actor.groups.is_empty());
    let mut counts = counts.map(|(name, _)| name).peekable();
    let yes = |name: &ActorName| matches!(said.get(name), Some((_, Verdict::Approve)));
    let nobody_against = said.values().all(|(_, said)| *said == Verdict::Approve);
    counts.peek().is_some() && nobody_against && counts.all(yes)
}

/// Everything that people agreed on, read when a deed is first asked about.
#[derive(Default)]
pub(crate) struct Agreements {
    proposals: OnceLock<Proposals>,
    grants: OnceLock<Grants>,
}

/// Proposals by policy and by what they are about.
type Proposals = BTreeMap<(PolicyRoot, Vec<u8>), Vec<Signed<Proposal>>>;
/// Grants by proposal.
type Grants = BTreeMap<StatementId, Vec<Consensus>>;

impl Agreements {
    /// The standing proposals about a deed under a policy, those with the most approvals first.
    ///
    /// # Errors
    /// Something that was said and cannot be read: it may have been a no.
    pub(crate) fn about(
        &self,
        (repository, law): (&Repository, &Law<'_>),
        deed: &Deed,
    ) -> Result<Vec<Agreement>, Error> {
        let all = self.proposals(repository)?;
        let mut found = Vec::new();
        for subject in &deed.subjects {
            let proposals = all.get(&(law.root, key(subject)));
            for proposal in proposals.into_iter().flatten() {
                found.extend(self.standing((repository, law), proposal, deed)?);
            }
        }
        found.sort_by_key(|agreement: &Agreement| {
            (Reverse(agreement.approvers()), agreement.proposal)
        });
        found.truncate(MAX_CANDIDATES);
        Ok(found)
    }

    /// Read what is read at the first question, before several are asked at once.
    ///
    /// # Errors
    /// A proposal that cannot be read.
    pub(crate) fn prepare(&self, repository: &Repository) -> Result<(), Error> {
        self.proposals(repository).map(drop)
    }

    /// Whether a proposal under a policy is about this.
    ///
    /// # Errors
    /// A proposal that cannot be read.
    pub(crate) fn mention(
        &self,
        repository: &Repository,
        root: PolicyRoot,
        subject: &Subject,
    ) -> Result<bool, Error> {
        let proposals = self.proposals(repository)?;
        Ok(proposals.contains_key(&(root, key(subject))))
    }

    fn proposals(&self, repository: &Repository) -> Result<&Proposals, Error> {
        if let Some(proposals) = self.proposals.get() {
            return Ok(proposals);
        }
        let mut proposals = Proposals::new();
        for proposal in all_proposals(repository)? {
            let stated = proposal.statement();
            let about = (stated.policy_root, key(&stated.subject));
            proposals.entry(about).or_default().push(proposal);
        }
        Ok(self.proposals.get_or_init(|| proposals))
    }

    /// Grants are read only where a proposal is about what happens.
    fn grants(&self, repository: &Repository) -> Result<&Grants, Error> {
        if let Some(grants) = self.grants.get() {
            return Ok(grants);
        }
        let mut grants = Grants::new();
        for consensus in all_grants(repository)? {
            let of = consensus.proposal.id();
            grants.entry(of).or_default().push(consensus);
        }
        Ok(self.grants.get_or_init(|| grants))
    }

    /// The agreement on one proposal, if it still stands.
    fn standing(
        &self,
        (repository, law): (&Repository, &Law<'_>),
        proposal: &Signed<Proposal>,
        deed: &Deed,
    ) -> Result<Option<Agreement>, Error> {
        let stated = proposal.statement();
        if stated.repo != law.repo || !lasts(stated.uses, deed.time) {
            return Ok(None);
        }
        let (root, trust) = (law.root, &law.bundle.trust);
        let all = self.grants(repository)?;
        let mut grants = Vec::new();
        for consensus in all.get(&proposal.id()).into_iter().flatten() {
            if consensus
                .check((root, law.bundle), &stated.subject)
                .is_err()
            {
                continue;
            }
            if standing_revocation(repository, consensus)?.is_some() {
                return Ok(None);
            }
            if is_granted(repository, consensus)? {
                grants.push(consensus.grant.id());
            }
        }
        if stated.uses == Use::Single && is_spent(repository, root, (deed, &stated.subject))? {
            return Ok(None);
        }
        let mut said = approvals(repository, &proposal.id())?;
        said.retain(|approval| counts(approval, proposal, trust));
        let said = Grant::of(proposal, &said).consensus(proposal, &said, (root, trust));
        // A proposal that somebody signed in another's name is none.
        Ok(said.ok().map(|said| Agreement {
            proposal: proposal.id(),
            uses: stated.uses,
            said,
            grants,
        }))
    }
}

/// Whether a grant is not too late. Where nobody says when it happens, nobody can say that it is not.
fn lasts(uses: Use, time: Option<i64>) -> bool {
    match (uses, time) {
        (Use::Single, _) => true,
        (Use::Until(_), None) => false,
        (Use::Until(until), Some(time)) => time.div_euclid(MS) <= until.div_euclid(MS),
    }
}

/// Whether what a key said counts at all: under this policy, of this proposal, in its own name.
pub(crate) fn counts(
    approval: &Signed<Approval>,
    proposal: &Signed<Proposal>,
    trust: &Trust,
) -> bool {
    let (stated, proposed) = (approval.statement(), proposal.statement());
    let theirs = |key: &PublicKey| {
        let found = trust.actor_of(key);
        found.is_some_and(|(name, _)| *name == stated.actor)
    };
    stated.repo == proposed.repo
        && stated.policy_root == proposed.policy_root
        && stated.proposal == proposal.id()
        && approval.signers().iter().all(theirs)
}

fn key(subject: &Subject) -> Vec<u8> {
    cbor::encode(&subject.to_value())
}
