//! Taking turns: those who write to one ref on one machine queue up instead of racing.
//!
//! The queue is a courtesy. Compare-and-swap is what keeps writes apart, so a turn that cannot be had
//! soon (its holder was stopped, or the file system has no locks) is done without.

use std::time::Duration;

use super::Repository;

/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A turn, until it is dropped.
pub(crate) struct Turn {
    _turn: Option<gatos_git::Turn>,
}

impl Turn {
    /// Wait for a turn to write.
    pub(crate) fn take(repository: &Repository) -> Self {
        Self {
            _turn: repository.git().wait_turn(PATIENCE).ok(),
        }
    }
}
