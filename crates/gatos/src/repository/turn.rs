//! Taking turns: those who write to one ref on one machine queue up instead of racing.
//!
//! The queue is a courtesy. Compare-and-swap is what keeps writes apart, so a turn that cannot be had
//! soon (its holder was stopped, or the file system has no locks) is done without.

use std::fs::File;
use std::time::{Duration, Instant};

use super::Repository;

/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time between two looks whether it is our turn.
const LOOK: Duration = Duration::from_millis(1);

/// A turn, until it is dropped.
pub(crate) struct Turn {
    _file: Option<File>,
}

impl Turn {
    /// Wait for a turn to write.
    pub(crate) fn take(repository: &Repository) -> Self {
        let path = repository.git().common_dir().join("gatos.turn");
        let options = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        let Ok(file) = options else {
            return Self { _file: None };
        };
        let begin = Instant::now();
        while file.try_lock().is_err() {
            if begin.elapsed() > PATIENCE {
                return Self { _file: None };
            }
            std::thread::sleep(LOOK);
        }
        Self { _file: Some(file) }
    }
}
