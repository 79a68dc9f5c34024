//! A grant: a proposal that was approved as policy asks for, and the proof of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Approval, Proposal, Subject, Use, Verdict};
use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId, StatementId};
use crate::keys::PublicKey;
use crate::name::ActorName;
use crate::policy::Trust;
use crate::statement::{Signed, Statement};
use crate::value::Value;

/// What stands before a grant's id in its ref.
pub const GRANT_REF_PREFIX: &str = "refs/gatos/grants/";
/// Most approvals that a grant may rest on.
pub const MAX_APPROVALS: usize = 1000;

/// A proposal was approved. Approvals stand in the order of their ids, so the order in which they
/// came makes no other grant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The repository
    pub repo: RepoId,
    /// The policy under which it was granted, and under which alone it counts
    pub policy_root: PolicyRoot,
    /// The proposal
    pub proposal: StatementId,
    /// What exactly was approved
    pub subject: Subject,
    /// How often it may be used
    pub uses: Use,
    /// What people said of it, ascending by id
    pub approvals: Vec<StatementId>,
}

/// Why a grant does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantRefusal {
    /// Of another repository
    #[error("{what} is of another repository")]
    Repository {
        /// Which statement
        what: &'static str,
    },
    /// It is not what its proposal asked for
    #[error("the grant is not for what its proposal asked for")]
    OtherSubject,
    /// Proposal, approvals or grant were made under another policy
    #[error("{what} was made under the policy {found}, not under {wanted}")]
    OtherPolicy {
        /// Which statement
        what: &'static str,
        /// The policy that it names
        found: PolicyRoot,
        /// The policy that counts
        wanted: PolicyRoot,
    },
    /// The approvals at hand are not those that it names
    #[error("the grant rests on other approvals than those that are here")]
    OtherApprovals,
    /// An approval of something else
    #[error("the approval of `{actor}` is of another proposal")]
    OtherProposal {
        /// Whose approval
        actor: ActorName,
    },
    /// Somebody who signed is not who they say, or is not known
    #[error("{what} of `{actor}` is not signed by a key of `{actor}`")]
    Signer {
        /// Which statement
        what: &'static str,
        /// Who it says it is of
        actor: ActorName,
    },
}

impl Statement for Grant {
    const KIND: Kind = Kind::Grant;

    fn to_value(&self) -> Value {
        let approvals = self.approvals.iter().map(|id| Value::from(*id));
        Value::map([
            ("repo", self.repo.into()),
            ("policy_root", self.policy_root.into()),
            ("proposal", self.proposal.into()),
            ("subject", self.subject.to_value()),
            ("use", self.uses.to_value()),
            ("approvals", Value::list(approvals)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("grant", value)?;
        let wrong = "at most 1000 links, ascending, each once";
        let mut approvals = Vec::new();
        for item in fields.list("approvals")? {
            match item {
                Value::Link(cid) => approvals.push(StatementId::from(cid)),
                _ => return Err(fields.content("approvals", wrong)),
            }
        }
        if approvals.len() > MAX_APPROVALS || !approvals.is_sorted_by(|a, b| a < b) {
            return Err(fields.content("approvals", wrong));
        }
        let grant = Self {
            repo: fields.link("repo")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            proposal: fields.link("proposal")?.into(),
            subject: Subject::from_value(fields.value("subject")?)?,
            uses: Use::take(&mut fields)?,
            approvals,
        };
        fields.finish()?;
        Ok(grant)
    }
}

impl Grant {
    /// The grant of a proposal with these approvals, in whatever order they come.
    #[must_use]
    pub fn of(proposal: &Signed<Proposal>, approvals: &[Signed<Approval>]) -> Self {
        let ids: BTreeSet<_> = approvals.iter().map(Signed::id).collect();
        let stated = proposal.statement();
        Self {
            repo: stated.repo,
            policy_root: stated.policy_root,
            proposal: proposal.id(),
            subject: stated.subject.clone(),
            uses: stated.uses,
            approvals: ids.into_iter().collect(),
        }
    }

    /// Check that this grant, its proposal and its approvals belong together, under the policy `root` with
    /// its `trust`, and say who approved and who rejected.
    ///
    /// Whether that is enough is for the policy's rules to say.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn consensus(
        &self,
        proposal: &Signed<Proposal>,
        approvals: &[Signed<Approval>],
        (root, trust): (PolicyRoot, &Trust),
    ) -> Result<BTreeMap<ActorName, (PublicKey, Verdict)>, GrantRefusal> {
        let stated = proposal.statement();
        self.check_origin(proposal, root)?;
        signed_by(trust, proposal.signers(), ("the proposal", &stated.actor))?;
        let ids: BTreeSet<_> = approvals.iter().map(Signed::id).collect();
        if !ids.iter().eq(self.approvals.iter()) {
            return Err(GrantRefusal::OtherApprovals);
        }
        let mut said: BTreeMap<ActorName, (PublicKey, Verdict)> = BTreeMap::new();
        for approval in approvals {
            let Approval {
                repo,
                policy_root,
                proposal: of,
                actor,
                verdict,
                ..
            } = approval.statement();
            if *repo != self.repo {
                return Err(GrantRefusal::Repository {
                    what: "an approval",
                });
            }
            same_policy(*policy_root, root, "an approval")?;
            if *of != proposal.id() {
                return Err(GrantRefusal::OtherProposal {
                    actor: actor.clone(),
                });
            }
            let key = signed_by(trust, approval.signers(), ("the approval", actor))?;
            // Two keys of one person are one voice; a no is never outvoted by one's own yes.
            let entry = said.entry(actor.clone()).or_insert((key, *verdict));
            if *verdict == Verdict::Reject {
                *entry = (key, *verdict);
            }
        }
        Ok(said)
    }

    fn check_origin(
        &self,
        proposal: &Signed<Proposal>,
        root: PolicyRoot,
    ) -> Result<(), GrantRefusal> {
        let stated = proposal.statement();
        if stated.repo != self.repo {
            return Err(GrantRefusal::Repository {
                what: "the proposal",
            });
        }
        same_policy(self.policy_root, root, "the grant")?;
        same_policy(stated.policy_root, root, "the proposal")?;
        let same = stated.subject == self.subject && stated.uses == self.uses;
        if proposal.id() == self.proposal && same {
            Ok(())
        } else {
            Err(GrantRefusal::OtherSubject)
        }
    }
}

fn same_policy(
    found: PolicyRoot,
    wanted: PolicyRoot,
    what: &'static str,
) -> Result<(), GrantRefusal> {
    if found == wanted {
        Ok(())
    } else {
        Err(GrantRefusal::OtherPolicy {
            what,
            found,
            wanted,
        })
    }
}

/// The key of `actor` that signed, where every signature is theirs.
fn signed_by(
    trust: &Trust,
    signers: &[PublicKey],
    (what, actor): (&'static str, &ActorName),
) -> Result<PublicKey, GrantRefusal> {
    let theirs = |key: &PublicKey| trust.actor_of(key).is_some_and(|(name, _)| name == actor);
    match signers.first() {
        Some(first) if signers.iter().all(theirs) => Ok(*first),
        _ => Err(GrantRefusal::Signer {
            what,
            actor: actor.clone(),
        }),
    }
}
