//! What this clone verified before, so that it need not be verified again. `docs/spec/refs.md#remembered`
//!
//! This is a convenience for whoever folds on their own machine. It stands in no proof, and it is worth
//! no more than the Git directory that it lies in: whatever others rely on (`gatos verify`, `gatos fold
//! verify --full`, evidence, experiments, the push gate) never reads it from a file.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use gatos_core::cid::Cid;
use gatos_core::id::StatementId;
use sha2::{Digest as _, Sha256};

use self::file::File;
use crate::repository::Repository;

/// Batches whose signatures were verified, and proofs of fold that were found true by folding.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    file: Option<File>,
    known: BTreeSet<Record>,
    /// What is not in the file yet
    fresh: Vec<Record>,
}

/// One thing that was verified: a hash over what it is and its id.
type Record = [u8; 32];

/// What can be remembered.
#[derive(Clone, Copy, Debug)]
enum Subject {
    /// Every signature of a batch, and what the batch says of where it stands
    Batch,
    /// A proof of fold, its claim
    Fold,
}

impl Remembered {
    /// Nothing but what this process verifies itself.
    pub(crate) fn of_this_process() -> Self {
        Self::default()
    }

    /// What this clone verified, in this process or earlier ones.
    pub(crate) fn of(repository: &Repository) -> Self {
        let file = File::of(repository.git().common_dir());
        Self {
            known: file.read(),
            file: Some(file),
            fresh: Vec::new(),
        }
    }

    pub(crate) fn knows_batch(&self, id: &Cid) -> bool {
        self.known.contains(&record(Subject::Batch, id))
    }

    pub(crate) fn batch_verified(&mut self, id: &Cid) {
        self.remember(record(Subject::Batch, id));
    }

    pub(crate) fn knows_fold(&self, id: StatementId) -> bool {
        self.known.contains(&record(Subject::Fold, &id.cid()))
    }

    pub(crate) fn fold_verified(&mut self, id: StatementId) {
        self.remember(record(Subject::Fold, &id.cid()));
    }

    /// Write down what is new. Where that cannot be done, it is verified again another time.
    pub(crate) fn keep(&mut self) {
        if let Some(file) = &self.file {
            file.append(&self.fresh);
            self.fresh.clear();
        }
    }

    fn remember(&mut self, record: Record) {
        if self.known.insert(record) {
            self.fresh.push(record);
        }
    }
}

fn record(subject: Subject, id: &Cid) -> Record {
    let prefix: &[u8] = match subject {
        Subject::Batch => b"batch ",
        Subject::Fold => b"fold ",
    };
    let mut hasher = Sha256::new_with_prefix(prefix);
    hasher.update(id.to_bytes());
    hasher.finalize().into()
}
