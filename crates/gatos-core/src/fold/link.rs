//! One link of a chain of folds: a proof that continues another. `docs/spec/fold.md#links`.

use super::{Consistency, FoldProof};
use crate::id::StatementId;
use crate::merkle::ProofError;
use crate::statement::Signed;

/// Why a proof does not continue another.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// It names no base, or another one
    #[error("it does not say that it continues the checkpoint before it")]
    Base,
    /// Another repository or ref, or a place that is not the next one
    #[error("it does not follow the checkpoint before it")]
    Position,
    /// Another journal, program, engine or other limits, so that the state is not one to continue
    #[error("the checkpoint that it says it continues has another {what}")]
    Differs {
        /// Which field differs
        what: &'static str,
    },
    /// The base was folded from no events, or from more
    #[error("the checkpoint that it says it continues has {base} event(s), and it has {size}")]
    Size {
        /// Events of the base
        base: u64,
        /// Events of the proof
        size: u64,
    },
    /// The history is not shown to extend that of the base
    #[error("its history is not shown to extend that of the checkpoint before it")]
    Consistency {
        /// What is wrong with the proof of it
        #[source]
        source: ProofError,
    },
}

impl FoldProof {
    /// The field in which another proof is of another fold; none where a fold may go on from the
    /// state of the other.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> Option<&'static str> {
        [
            (self.repo == other.repo, "repo"),
            (self.position.reference == other.position.reference, "ref"),
            (self.journal == other.journal, "journal"),
            (self.fold_root == other.fold_root, "fold_root"),
            (self.engine == other.engine, "engine"),
            (self.limits == other.limits, "limits"),
        ]
        .into_iter()
        .find_map(|(same, what)| (!same).then_some(what))
    }

    /// Whether `base` is null or the proof before this one in its ref, as it must be.
    #[must_use]
    pub fn has_base_in_place(&self) -> bool {
        self.base.is_none() || self.base == self.position.prev
    }

    /// Check that this proof continues `base`; what is left to do is to fold the events between.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check_link(
        &self,
        base: &Signed<Self>,
        consistency: &Consistency,
    ) -> Result<(), LinkError> {
        let (id, before): (StatementId, _) = (base.id(), base.statement());
        if self.base != Some(id) {
            return Err(LinkError::Base);
        }
        if !self.position.follows(Some((&before.position, id))) {
            return Err(LinkError::Position);
        }
        if let Some(what) = self.differs_from(before) {
            return Err(LinkError::Differs { what });
        }
        if before.history_size == 0 || before.history_size > self.history_size {
            return Err(LinkError::Size {
                base: before.history_size,
                size: self.history_size,
            });
        }
        consistency
            .check(
                (before.history_size, before.history_root),
                (self.history_size, self.history_root),
            )
            .map_err(|source| LinkError::Consistency { source })
    }
}
