//! Why a repository could not be opened or made.

use std::io;
use std::path::PathBuf;

use crate::failure::GitFailure;

/// Why a repository could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none
    #[error("`{}` is not a Git repository", path.display())]
    NotARepository {
        /// Where it was looked for
        path: PathBuf,
    },
    /// Neither the directory nor any above it is in a repository
    #[error("neither `{}` nor any directory above it is a Git repository", path.display())]
    NotInARepository {
        /// Where the search began
        path: PathBuf,
    },
    /// Its refs are kept in a format that is not supported
    #[error(
        "the repository `{}` keeps its refs in the `{storage}` format, which is not supported; \
         `git refs migrate --ref-format=files` converts it", path.display()
    )]
    RefStorage {
        /// The repository
        path: PathBuf,
        /// The format
        storage: String,
    },
    /// It uses an extension of Git's format that changes what its files mean
    #[error("the repository `{}` uses the extension `{}`, which is not supported",
        path.display(), extension.escape_default())]
    Extension {
        /// The repository
        path: PathBuf,
        /// The name of the extension, or the version of the format
        extension: String,
    },
    /// It has grafts, which make history look other than it is
    #[error(
        "`{}` changes what history looks like; remove it (`git replace --convert-graft-file` \
         keeps its content)", path.display()
    )]
    Grafts {
        /// The file
        path: PathBuf,
    },
    /// It borrows objects from a place that is not allowed
    #[error(
        "the repository borrows objects from `{}`, which is not allowed; \
         `git repack -a -d` and then removing `{}` makes it stand alone",
        alternate.display(), file.display()
    )]
    Alternate {
        /// The place
        alternate: PathBuf,
        /// The file that names it
        file: PathBuf,
    },
    /// The list of places to borrow objects from is too long, or its lines are not paths
    #[error("`{}` is no list of object directories that can be trusted", file.display())]
    Alternates {
        /// The file
        file: PathBuf,
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
    /// The Git library refused it
    #[error("the repository `{}` cannot be opened", path.display())]
    Git {
        /// The repository
        path: PathBuf,
        /// The cause
        #[source]
        source: GitFailure,
    },
}

/// Why a repository could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already
    #[error("`{}` already holds a Git repository", path.display())]
    Exists {
        /// The directory
        path: PathBuf,
    },
    /// The Git library could not make it
    #[error("no repository can be made in `{}`", path.display())]
    Git {
        /// The directory
        path: PathBuf,
        /// The cause
        #[source]
        source: GitFailure,
    },
    /// It was made but cannot be opened
    #[error("the new repository cannot be opened")]
    Open {
        /// The cause
        #[from]
        source: OpenError,
    },
}
