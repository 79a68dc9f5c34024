//! Whether a proposal is approved as the policy in force asks for.
//!
//= spec/governance.md#quorum

use std::collections::BTreeMap;

use gatos_core::governance::{Proposal, Verdict};
use gatos_core::keys::{PublicKey, Signer};
use gatos_core::name::ActorName;
use gatos_core::policy::{Bundle, Role, Trust};
use gatos_core::statement::Signed;

use crate::error::{Error, ErrorKind};
use crate::repository::Repository;
use crate::verify::Consensus;

/// Who said what of a proposal, and what is missing for a grant.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    said: BTreeMap<ActorName, (PublicKey, Verdict)>,
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

/// What the policy in force makes of what was said.
pub(super) fn judge(
    repository: &Repository,
    _proposal: &Signed<Proposal>,
    said: BTreeMap<ActorName, (PublicKey, Verdict)>,
) -> Result<Standing, Error> {
    let missing = without_rules(&repository.policy().1.trust, &said);
    Ok(Standing { said, missing })
}

/// Where there are no rules, one of those who govern must say yes, and none of them no.
fn without_rules(
    trust: &Trust,
    said: &BTreeMap<ActorName, (PublicKey, Verdict)>,
) -> Option<String> {
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

/// Check that the policy in force lets `bundle` take its place on this consensus, or on none.
pub(super) fn ensure_may_activate(
    _repository: &Repository,
    _bundle: &Bundle,
    _consensus: Option<&Consensus>,
    _signer: &dyn Signer,
) -> Result<(), Error> {
    // Whoever has the role `govern` may; the caller has checked that.
    Ok(())
}
