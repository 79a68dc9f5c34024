//! How a policy took effect: who put it in force, on which consensus, and where history stood.
//!
//= spec/policy-bundle.md#activation

use gatos_core::governance::{Approval, Grant, Proposal, Subject};
use gatos_core::id::PolicyRoot;
use gatos_core::policy::{Activation, Anchor, Anchors, Bundle, Role, Trust};
use gatos_core::statement::Signed;

use super::policy::authorize_actor;
use super::report::ensure;
use crate::error::{Context, Error};
use crate::policy::Agreement;

/// A policy bundle, and what put it in force; nothing did that with the first.
#[derive(Clone, Debug)]
pub struct PolicyLink {
    /// The bundle
    pub bundle: Signed<Bundle>,
    /// The compiled rules that it names
    pub rules: Vec<u8>,
    /// What put it in force
    pub activated: Option<Activated>,
}

/// What put a policy in force.
#[derive(Clone, Debug)]
pub struct Activated {
    /// The statement
    pub activation: Signed<Activation>,
    /// Where history stood
    pub anchors: Anchors,
    /// The consensus on which it rests, if it needs one
    pub consensus: Option<Consensus>,
}

/// A grant with everything that shows that it was given: a Proof-of-Consensus.
#[derive(Clone, Debug)]
pub struct Consensus {
    /// The grant
    pub grant: Signed<Grant>,
    /// What was proposed
    pub proposal: Signed<Proposal>,
    /// What people said of it
    pub approvals: Vec<Signed<Approval>>,
}

/// Check that a policy after the first was put in force by somebody whom the one before lets govern.
pub(super) fn check(
    (before_root, before): (PolicyRoot, &Bundle),
    bundle: &Signed<Bundle>,
    activated: Option<&Activated>,
) -> Result<(), Error> {
    let seq = bundle.statement().position.seq;
    let Some(activated) = activated else {
        return super::mismatch(format!("nothing says who put policy {seq} in force"));
    };
    let stated = activated.activation.statement();
    let root: PolicyRoot = bundle.id().cid().into();
    ensure(stated.repo == before.repo, || {
        format!("the activation of policy {seq} is of another repository")
    })?;
    ensure(
        stated.previous == before_root && stated.policy_root == root,
        || format!("the activation at policy {seq} is of another policy"),
    )?;
    ensure(activated.anchors.tree().root == stated.anchors, || {
        format!("the activation of policy {seq} names another history")
    })?;
    let signers = activated.activation.signers();
    authorize_actor(&before.trust, signers, (Role::Govern, &stated.actor))
        .map_err(|e| e.with_hint("a policy is changed by those whom the one before lets govern"))?;
    let consensus = activated.consensus.as_ref();
    ensure(
        consensus.map(|consensus| consensus.grant.id()) == stated.grant,
        || format!("the activation of policy {seq} rests on another grant than the one here"),
    )?;
    let Some(consensus) = consensus else {
        return Ok(());
    };
    consensus.check((before_root, before), &Subject::Policy(root))
}

impl Consensus {
    /// Check that the grant is for `subject` and was given under the policy `root`.
    ///
    /// # Errors
    /// Something that does not belong together, or is for something else.
    pub fn check(
        &self,
        (root, bundle): (PolicyRoot, &Bundle),
        subject: &Subject,
    ) -> Result<(), Error> {
        let grant = self.grant.statement();
        ensure(grant.subject == *subject, || {
            format!("the grant is for {}, not for {subject}", grant.subject)
        })?;
        ensure(grant.repo == bundle.repo, || {
            "the grant is of another repository".to_owned()
        })?;
        grant
            .consensus(&self.proposal, &self.approvals, (root, &bundle.trust))
            .or_mismatch(|| "the grant does not count".to_owned())?;
        Ok(())
    }

    /// What people agreed on, under the policy `root` with its `trust`.
    ///
    /// # Errors
    /// Something that does not belong together.
    pub(crate) fn agreement(&self, policy: (PolicyRoot, &Trust)) -> Result<Agreement, Error> {
        let grant = self.grant.statement();
        let said = grant
            .consensus(&self.proposal, &self.approvals, policy)
            .or_mismatch(|| "the grant does not count".to_owned())?;
        Ok(Agreement::of(self, said))
    }
}

/// Walks along one ref and knows which policy is in force at each place.
#[derive(Clone, Debug)]
pub struct PolicyCursor {
    /// For each policy after the first: where this ref stood when it took effect
    boundaries: Vec<Option<Anchor>>,
    /// Number of the policy in force at this place
    seq: usize,
}

impl PolicyCursor {
    /// At the beginning of the ref called `reference`; `anchors` are those of every policy after the first.
    pub(super) fn new<'a>(reference: &str, anchors: impl Iterator<Item = &'a Anchors>) -> Self {
        let boundaries = anchors
            .map(|anchors| anchors.0.get(reference).copied())
            .collect();
        let mut cursor = Self { boundaries, seq: 0 };
        cursor.skip(|boundary| match boundary {
            None => true,
            Some(Anchor::Journal { size, .. }) => size == 0,
            Some(Anchor::Statement(_)) => false,
        });
        cursor
    }

    /// The number of the policy in force here.
    #[must_use]
    pub const fn seq(&self) -> usize {
        self.seq
    }

    /// Go to where a journal has `size` events, which are taken as they are.
    pub fn go_to(&mut self, size: u64) {
        self.skip(|boundary| match boundary {
            Some(Anchor::Journal { size: at, .. }) => at <= size,
            _ => false,
        });
    }

    /// Go past a statement of the ref.
    pub fn pass(&mut self, id: gatos_core::id::StatementId) {
        self.skip(|boundary| boundary == Some(Anchor::Statement(id)));
    }

    /// Go to where a journal has `size` events, whose history root is `root`.
    ///
    /// # Errors
    /// An anchor at this place with another history root.
    pub fn pass_events(
        &mut self,
        size: u64,
        root: impl Fn() -> gatos_core::merkle::TreeHash,
    ) -> Result<(), Error> {
        let here = |boundary: Option<Anchor>| match boundary {
            Some(Anchor::Journal { size: at, root }) if at == size => Some(root),
            _ => None,
        };
        while let Some(anchored) = self.boundaries.get(self.seq).copied().and_then(here) {
            ensure(anchored == root(), || {
                format!("the first {size} events are not those over which the policy changed")
            })?;
            self.seq += 1;
        }
        Ok(())
    }

    fn skip(&mut self, past: impl Fn(Option<Anchor>) -> bool) {
        while self.boundaries.get(self.seq).is_some_and(|b| past(*b)) {
            self.seq += 1;
        }
    }
}
