//! Why a ref could not be read.

use std::io;
use std::path::PathBuf;

use crate::failure::GitFailure;

/// Why a ref could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FindRefError {
    /// It points to another ref
    #[error(
        "`{name}` is a symbolic ref to `{}`, which GATOS never follows; \
         `git symbolic-ref --delete {name}` removes it", target.escape_default()
    )]
    Symbolic {
        /// The ref
        name: String,
        /// What it points to
        target: String,
    },
    /// Its file holds no object id
    #[error(
        "`{name}` is damaged: `{}` ({bytes} bytes) holds no object id; nothing is written over it",
        path.display()
    )]
    Undecodable {
        /// The ref
        name: String,
        /// The file
        path: PathBuf,
        /// Its size in bytes
        bytes: u64,
    },
    /// A ref below `refs/gatos/` has a name that GATOS never writes
    #[error("`{}` is no name of a GATOS ref", .name.escape_default())]
    Name {
        /// The ref
        name: String,
    },
    /// The packed refs cannot be understood
    #[error("`{}` is damaged; `git pack-refs --all` in a clone makes a new one", path.display())]
    Packed {
        /// The file
        path: PathBuf,
        /// The cause, unless it is that refs are not in order
        #[source]
        source: Option<GitFailure>,
    },
    /// A file could not be read
    #[error("`{}` cannot be read", path.display())]
    Io {
        /// The file
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}
