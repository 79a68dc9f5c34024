//! What a payload is: the domain separation of signatures.
//!
//= spec/envelope.md#kinds

use std::fmt;

use super::EnvelopeError;
use crate::cbor::Limits;

/// Largest payload of an event, in bytes.
const MAX_EVENT_BYTES: usize = 1 << 20;
/// Largest payload of any other kind, in bytes.
pub(super) const MAX_PAYLOAD_BYTES: usize = 16 << 20;

/// The kinds of statement that are signed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// The beginning of a repository
    Genesis,
    /// Rules, trust and profile
    PolicyBundle,
    /// One entry of a journal
    Event,
    /// A state and the history and program from which it follows
    ProofOfFold,
    /// A job that ran, and its outputs
    ProofOfExecution,
    /// An experiment as a whole
    ProofOfExperiment,
    /// The verdict of a reproduction
    Reproduction,
    /// A push that was refused
    Denial,
    /// A policy taking effect at a position in history
    Activation,
    /// What somebody wants to be done
    Proposal,
    /// What one key says of a proposal
    Approval,
    /// A proposal that was approved as policy asks for
    Grant,
    /// A grant that is taken back
    Revocation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Genesis,
        Self::PolicyBundle,
        Self::Event,
        Self::ProofOfFold,
        Self::ProofOfExecution,
        Self::ProofOfExperiment,
        Self::Reproduction,
        Self::Denial,
        Self::Activation,
        Self::Proposal,
        Self::Approval,
        Self::Grant,
        Self::Revocation,
    ];

    /// The kind's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::PolicyBundle => "policy-bundle",
            Self::Event => "event",
            Self::ProofOfFold => "proof-of-fold",
            Self::ProofOfExecution => "proof-of-execution",
            Self::ProofOfExperiment => "proof-of-experiment",
            Self::Reproduction => "reproduction",
            Self::Denial => "denial",
            Self::Activation => "activation",
            Self::Proposal => "proposal",
            Self::Approval => "approval",
            Self::Grant => "grant",
            Self::Revocation => "revocation",
        }
    }

    /// The media type that stands in the envelope and under the signature.
    #[must_use]
    pub const fn payload_type(self) -> &'static str {
        match self {
            Self::Genesis => "application/vnd.gatos.genesis.v1+dag-cbor",
            Self::PolicyBundle => "application/vnd.gatos.policy-bundle.v1+dag-cbor",
            Self::Event => "application/vnd.gatos.event.v1+dag-cbor",
            Self::ProofOfFold => "application/vnd.gatos.proof-of-fold.v1+dag-cbor",
            Self::ProofOfExecution => "application/vnd.gatos.proof-of-execution.v1+dag-cbor",
            Self::ProofOfExperiment => "application/vnd.gatos.proof-of-experiment.v1+dag-cbor",
            Self::Reproduction => "application/vnd.gatos.reproduction.v1+dag-cbor",
            Self::Denial => "application/vnd.gatos.denial.v1+dag-cbor",
            Self::Activation => "application/vnd.gatos.activation.v1+dag-cbor",
            Self::Proposal => "application/vnd.gatos.proposal.v1+dag-cbor",
            Self::Approval => "application/vnd.gatos.approval.v1+dag-cbor",
            Self::Grant => "application/vnd.gatos.grant.v1+dag-cbor",
            Self::Revocation => "application/vnd.gatos.revocation.v1+dag-cbor",
        }
    }

    /// The kind of a media type.
    ///
    /// # Errors
    /// A type that is none of ours.
    pub fn of_payload_type(payload_type: &str) -> Result<Self, EnvelopeError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.payload_type() == payload_type)
            .ok_or_else(|| EnvelopeError::PayloadType {
                found: payload_type.chars().take(100).collect(),
            })
    }

    /// What a payload of this kind may be at most.
    #[must_use]
    pub const fn limits(self) -> Limits {
        Limits {
            max_bytes: match self {
                Self::Event => MAX_EVENT_BYTES,
                _ => MAX_PAYLOAD_BYTES,
            },
            ..Limits::BLOCK
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
