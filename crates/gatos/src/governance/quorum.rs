//! Whether a proposal is approved as the policy in force asks for.
//!
//= spec/governance.md#quorum

use gatos_core::governance::{Proposal, Subject, Verdict};
use gatos_core::id::PolicyRoot;
use gatos_core::name::ActorName;
use gatos_core::policy::{Bundle, Role, Trust};
use gatos_core::statement::Signed;

use super::activate::proposed;
use super::draft::read_bundle;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::{
    ActivationRuling, Agreement, By, Deed, Law, Said, everybody, judge_activation,
};
use crate::repository::Repository;
use crate::verify::Consensus;

/// Who said what of a proposal, and what is missing for a grant.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    said: Said,
    missing: Option<String>,
}

impl Standing {
    /// The names of those who approved.
    pub(super) fn approved_by(&self) -> Vec<String> {
        let yes = self
            .said
            .iter()
            .filter(|(_, (_, verdict))| *verdict == Verdict::Approve);
        yes.map(|(name, _)| name.to_string()).collect()
    }

    /// What is missing, in words; nothing if the policy is satisfied.
    pub(super) fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    /// Check that nothing is missing.
    pub(super) fn ensure_granted(&self, consensus: &Consensus) -> Result<(), Error> {
        let Some(missing) = &self.missing else {
            return Ok(());
        };
        let proposal = consensus.proposal.id();
        let title = &consensus.proposal.statement().title;
        Err(
            Error::new(ErrorKind::Refused, format!("`{title}`: {missing}")).with_hint(format!(
                "gatos proposal show {proposal}; those who may say yes: gatos approve {proposal}"
            )),
        )
    }
}

/// What the policy `root` makes of what was said.
pub(super) fn judge(
    repository: &Repository,
    root: PolicyRoot,
    proposal: &Signed<Proposal>,
    said: Said,
) -> Result<Standing, Error> {
    let trust = &repository.policies().get(&root)?.trust;
    let missing = match &proposal.statement().subject {
        Subject::Policy(_) => by_rules(repository, root, proposal, &said)?,
        // Who does it, and where, is known when it happens: rules are asked then.
        _ => None,
    };
    let missing = missing.unwrap_or_else(|| without_rules(trust, &said));
    Ok(Standing { said, missing })
}

/// Whether a consensus is enough for a grant under the policy that it names.
pub(crate) fn is_granted(repository: &Repository, consensus: &Consensus) -> Result<bool, Error> {
    let grant = consensus.grant.statement();
    let root = grant.policy_root;
    let trust = &repository.policies().get(&root)?.trust;
    let said = grant
        .consensus(&consensus.proposal, &consensus.approvals, (root, trust))
        .or_mismatch(|| "the grant does not count".to_owned())?;
    let standing = judge(repository, root, &consensus.proposal, said)?;
    Ok(standing.missing.is_none())
}

/// What the rules miss for a policy, as far as it is for people to say; `None` if no rule is about it.
///
/// They are asked as if whoever proposed it put it in force. Whether somebody may, who did not, is asked
/// when they do.
fn by_rules(
    repository: &Repository,
    root: PolicyRoot,
    proposal: &Signed<Proposal>,
    said: &Said,
) -> Result<Option<Option<String>>, Error> {
    let before = repository.policies().get(&root)?;
    if everybody(&before.trust, said) {
        return Ok(Some(None));
    }
    let law = Law::of(repository.policies(), root)?;
    let stated = proposal.statement();
    let (payload, _) = proposed(repository, proposal)?;
    let bundle = read_bundle(&payload)?;
    let next = gatos_core::cid::Cid::of_dag_cbor(&payload).into();
    let by = By {
        actor: Some(stated.actor.clone()),
        keys: proposal.signers().to_vec(),
    };
    let agreement = Agreement {
        proposal: proposal.id(),
        uses: stated.uses,
        said: said.clone(),
        grants: Vec::new(),
    };
    let mut governed = false;
    for deed in Deed::activation(&by, before, (next, &bundle)) {
        if !law.governs(deed.intent) {
            continue;
        }
        governed = true;
        let ruling = law.ask_with(&deed, Some(&agreement))?;
        if let Some(missing) = ruling.missing_approvals() {
            return Ok(Some(Some(missing)));
        }
    }
    Ok(governed.then_some(None))
}

/// Where there are no rules, one of those who govern must say yes, and none of them no.
fn without_rules(trust: &Trust, said: &Said) -> Option<String> {
    let governs = |name: &ActorName| {
        let actor = trust.actors().get(name);
        actor.is_some_and(|actor| actor.roles.contains(&Role::Govern))
    };
    let of = |wanted: Verdict| {
        let mut said = said.iter();
        said.find(move |(name, (_, verdict))| *verdict == wanted && governs(name))
    };
    if let Some((name, _)) = of(Verdict::Reject) {
        return Some(format!("`{name}`, who governs, rejected it"));
    }
    match of(Verdict::Approve) {
        Some(_) => None,
        None => Some("one approval is missing, of somebody with the role `govern`".to_owned()),
    }
}

/// Check that the policy in force lets `next` take its place on this consensus, or on none.
pub(super) fn ensure_may_activate(
    repository: &Repository,
    next: (PolicyRoot, &Bundle),
    consensus: Option<&Consensus>,
    by: &By,
) -> Result<ActivationRuling, Error> {
    let (root, before) = repository.policy();
    let agreement = consensus
        .map(|consensus| consensus.agreement((root, &before.trust)))
        .transpose()?;
    let law = Law::in_force(repository);
    let ruling = judge_activation((before, law), next, by, agreement.as_ref())?;
    match ruling.denied().and_then(crate::policy::Ruling::refusal) {
        Some(refusal) => Err(refusal),
        None => Ok(ruling),
    }
}
