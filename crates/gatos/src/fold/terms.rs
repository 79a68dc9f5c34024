//! What all proofs of one fold say alike.

use gatos_core::echolua::{ENGINE, Program};
use gatos_core::fold::{FoldLimits, FoldProof};
use gatos_core::id::{FoldRoot, PolicyRoot, RepoId, StateRoot, StatementId};
use gatos_core::journal::Head;
use gatos_core::name::{JournalName, StateName};
use gatos_core::statement::{Position, Signed};

use super::run::Request;
use super::state_ref;
use crate::error::Error;
use crate::repository::Repository;
use crate::verify::check_claim;

/// The fold that is asked for, under the policy in force.
pub(super) struct Terms {
    repo: RepoId,
    pub(super) state: StateName,
    reference: String,
    pub(super) journal: JournalName,
    pub(super) policy_root: PolicyRoot,
    pub(super) program: Program,
    pub(super) limits: FoldLimits,
}

impl Terms {
    pub(super) fn of(
        repository: &Repository,
        request: &Request,
        program: Program,
    ) -> Result<Self, Error> {
        let (policy_root, bundle) = repository.policy();
        Ok(Self {
            repo: repository.id(),
            state: request.state.clone(),
            reference: state_ref(&request.state)?.as_str().to_owned(),
            journal: request.journal.clone(),
            policy_root,
            program,
            limits: FoldLimits {
                fuel_per_event: bundle.profile.fold_fuel_per_event,
                memory_bytes: bundle.profile.fold_memory_bytes,
            },
        })
    }

    /// The state's ref.
    pub(super) fn reference(&self) -> &str {
        &self.reference
    }

    /// Whether a fold may go on from the state of this proof, if the proof is true: it is of the same
    /// fold, and somebody signed it who may.
    pub(super) fn may_continue(&self, repository: &Repository, proof: &Signed<FoldProof>) -> bool {
        let statement = proof.statement();
        let same = self.repo == statement.repo
            && self.reference == statement.position.reference
            && self.journal == statement.journal
            && FoldRoot::from(self.program.root()) == statement.fold_root
            && ENGINE == statement.engine
            && self.limits == statement.limits;
        same && statement.history_size > 0
            && check_claim(repository.policies(), proof, &self.program.to_elc()).is_ok()
    }

    /// The proof of a state after `previous`, which it continues if it is `base`.
    pub(super) fn proof(
        &self,
        previous: Option<&Signed<FoldProof>>,
        (head, state_root): (&Head, StateRoot),
        base: Option<StatementId>,
    ) -> FoldProof {
        let position = match previous {
            None => Position::first(self.reference.clone()),
            Some(previous) => previous.statement().position.after(previous.id()),
        };
        FoldProof {
            repo: self.repo,
            position,
            journal: self.journal.clone(),
            history_root: head.history_root(),
            history_size: head.size(),
            policy_root: self.policy_root,
            fold_root: self.program.root().into(),
            engine: ENGINE.to_owned(),
            limits: self.limits,
            state_root,
            base,
        }
    }
}
