//! Why the objects of a push cannot be read.

use std::io;
use std::path::PathBuf;

/// Why the objects of a push cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// The variables of the hook's environment do not agree
    #[error("GIT_QUARANTINE_PATH and GIT_OBJECT_DIRECTORY do not name the same folder")]
    Variables,
    /// They lie outside of the repository
    #[error("the push keeps or borrows objects in `{}`, outside of the repository", path.display())]
    Elsewhere {
        /// The folder
        path: PathBuf,
    },
    /// A path cannot stand in the list of folders
    #[error("the path of the repository holds a line break")]
    Path,
    /// A file could not be read or written
    #[error("`{}` cannot be dealt with", path.display())]
    Io {
        /// The file or folder
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}
