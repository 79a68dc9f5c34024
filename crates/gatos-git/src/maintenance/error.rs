//! Why maintenance could not be done.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why leftovers could not be listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum LeftoverError {
    /// Another process is at it
    #[error("another process is removing leftovers of `{}`", path.display())]
    Busy {
        /// The repository
        path: PathBuf,
    },
    /// A file could not be read or removed
    #[error("`{}` cannot be dealt with", path.display())]
    Io {
        /// The file
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}

/// Why it did not become this process's turn to write.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Others were writing all the time
    #[error(
        "other processes have been writing to `{}` for {} ms",
        path.display(), waited.as_millis()
    )]
    Busy {
        /// The repository
        path: PathBuf,
        /// How long this process waited
        waited: Duration,
    },
    /// The file could not be made or locked
    #[error("`{}` cannot be locked", path.display())]
    Io {
        /// The file
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}

/// Why signals cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("signals cannot be watched")]
pub struct SignalError {
    /// The cause
    #[source]
    pub source: io::Error,
}
