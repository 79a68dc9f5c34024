//! Signed statements of governance on their way to whoever records them.
//!
//= spec/rpc.md#governance

use gatos_core::governance::{Approval, Grant, Revocation};
use gatos_core::statement::Signed;
use serde::Serialize;

use super::activate::{ActivationReport, Enactment};
use super::approve::ApprovalReport;
use super::draft::NextPolicy;
use super::grant::GrantReport;
use super::propose::{ProposalReport, Proposed};
use super::revoke::RevocationReport;
use super::{activate, admit, approve, grant, propose, revoke};
use crate::error::Error;
use crate::repository::Repository;

/// A submission as bytes: envelopes, and what comes with them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Parcel {
    /// A proposal
    Proposal {
        /// Its envelope
        proposal: Vec<u8>,
        /// Of a policy: the payload of the next bundle, and its compiled rules
        policy: Option<(Vec<u8>, Vec<u8>)>,
    },
    /// The envelope of what a key says of a proposal
    Approval(Vec<u8>),
    /// The envelope of a grant
    Grant(Vec<u8>),
    /// The envelope of what takes a grant back
    Revocation(Vec<u8>),
    /// A policy that is to take effect
    Activation {
        /// The grant on which it rests; or the proposal, where the rules ask for no consensus
        decided: String,
        /// The envelope of the policy
        bundle: Vec<u8>,
        /// The envelope of the activation
        activation: Vec<u8>,
    },
}

/// A signed statement that is to be recorded, its signatures verified.
#[derive(Clone, Debug)]
pub struct Submission {
    opened: Opened,
    bytes: usize,
}

#[derive(Clone, Debug)]
enum Opened {
    Proposal(Box<Proposed>),
    Approval(Signed<Approval>),
    Grant(Signed<Grant>),
    Revocation(Signed<Revocation>),
    Activation(Box<Enactment>),
}

/// What was recorded.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Recorded {
    /// A proposal
    Proposal(ProposalReport),
    /// What a key says of a proposal
    Approval(ApprovalReport),
    /// A grant
    Grant(GrantReport),
    /// What takes a grant back
    Revocation(RevocationReport),
    /// A policy that took effect
    Activation(ActivationReport),
}

impl Submission {
    /// Verify the signatures of a parcel. Whether it may be recorded is asked when it is.
    ///
    /// # Errors
    /// Bytes that are no signed statement of the kind that they should be.
    pub fn open(parcel: Parcel) -> Result<Self, Error> {
        let bytes = parcel.len();
        let opened = match parcel {
            Parcel::Proposal { proposal, policy } => Opened::Proposal(Box::new(Proposed {
                signed: admit::open(&proposal)?,
                next: policy.map(|(payload, code)| NextPolicy::of(payload, code)),
            })),
            Parcel::Approval(approval) => Opened::Approval(admit::open(&approval)?),
            Parcel::Grant(grant) => Opened::Grant(admit::open(&grant)?),
            Parcel::Revocation(revocation) => Opened::Revocation(admit::open(&revocation)?),
            Parcel::Activation {
                decided,
                bundle,
                activation,
            } => Opened::Activation(Box::new(Enactment {
                decided,
                bundle: admit::open(&bundle)?,
                activation: admit::open(&activation)?,
            })),
        };
        Ok(Self { opened, bytes })
    }

    /// How many bytes it has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "nothing signed is empty")]
    pub const fn len(&self) -> usize {
        self.bytes
    }
}

/// Record a statement that somebody signed, by the same checks as a command that signs it; `None` if it is about a
/// place in history that has moved on.
///
/// # Errors
/// As the operation that signs it.
pub fn record(repository: &Repository, submission: &Submission) -> Result<Option<Recorded>, Error> {
    Ok(Some(match &submission.opened {
        Opened::Proposal(proposed) => Recorded::Proposal(propose::record(repository, proposed)?),
        Opened::Approval(signed) => Recorded::Approval(approve::record(repository, signed)?),
        Opened::Grant(signed) => Recorded::Grant(grant::record(repository, signed)?),
        Opened::Revocation(signed) => Recorded::Revocation(revoke::record(repository, signed)?),
        Opened::Activation(enactment) => match activate::record(repository, enactment)? {
            Some(report) => Recorded::Activation(report),
            None => return Ok(None),
        },
    }))
}

impl Parcel {
    fn len(&self) -> usize {
        match self {
            Self::Proposal { proposal, policy } => {
                let beside = policy.as_ref();
                proposal.len() + beside.map_or(0, |(payload, code)| payload.len() + code.len())
            }
            Self::Approval(bytes) | Self::Grant(bytes) | Self::Revocation(bytes) => bytes.len(),
            Self::Activation {
                bundle, activation, ..
            } => bundle.len() + activation.len(),
        }
    }
}

impl From<&Proposed> for Parcel {
    fn from(proposed: &Proposed) -> Self {
        let policy = proposed.next.as_ref();
        Self::Proposal {
            proposal: proposed.signed.envelope().encode(),
            policy: policy.map(|next| (next.payload.clone(), next.code.clone())),
        }
    }
}

impl From<&Signed<Approval>> for Parcel {
    fn from(signed: &Signed<Approval>) -> Self {
        Self::Approval(signed.envelope().encode())
    }
}

impl From<&Signed<Grant>> for Parcel {
    fn from(signed: &Signed<Grant>) -> Self {
        Self::Grant(signed.envelope().encode())
    }
}

impl From<&Signed<Revocation>> for Parcel {
    fn from(signed: &Signed<Revocation>) -> Self {
        Self::Revocation(signed.envelope().encode())
    }
}

impl From<&Enactment> for Parcel {
    fn from(enactment: &Enactment) -> Self {
        Self::Activation {
            decided: enactment.decided.clone(),
            bundle: enactment.bundle.envelope().encode(),
            activation: enactment.activation.envelope().encode(),
        }
    }
}
