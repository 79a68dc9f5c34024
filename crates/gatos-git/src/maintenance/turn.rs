//! Taking turns: processes that read a ref, build upon it and move it need not race each other.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::TurnError;
use crate::repository::Repository;

/// How long to sleep between two looks.
const POLL: Duration = Duration::from_micros(500);

/// This process's turn to write, until it is dropped or the process ends.
///
/// It is advice between GATOS processes on one machine: it saves them conflicts, and no safety
/// rests on it.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

impl Repository {
    /// Wait until no other GATOS process has its turn, but no longer than `patience`.
    ///
    /// # Errors
    /// [`TurnError`]: others had theirs all the time, or the file cannot be locked.
    pub fn wait_turn(&self, patience: Duration) -> Result<Turn, TurnError> {
        let path = self.common_dir().join("gatos/turn");
        let fail = |source| TurnError::Io {
            path: path.clone(),
            source,
        };
        let file = open(&path).map_err(fail)?;
        let begun = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Turn { _file: file }),
                Err(rustix::io::Errno::WOULDBLOCK) if begun.elapsed() < patience => {
                    thread::sleep(POLL);
                }
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    return Err(TurnError::Busy {
                        path: self.common_dir().to_owned(),
                        waited: begun.elapsed(),
                    });
                }
                Err(error) => return Err(fail(error.into())),
            }
        }
    }
}

/// Open a file to lock, making it and its directory if need be.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let options = || {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
    };
    match (options(), path.parent()) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(parent)?;
            options()
        }
        (opened, _) => opened,
    }
}
