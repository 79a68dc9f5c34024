//! Why a tree cannot be archived, or an archive not be read.

use std::io;
use std::path::PathBuf;

/// Why a file system tree has no NAR.
#[derive(Debug, thiserror::Error)]
pub enum WriteNarError {
    /// A device, socket or pipe
    #[error(
        "`{}` is a {kind}: only files, directories and symbolic links can be recorded",
        path.display()
    )]
    UnsupportedFile {
        /// Where it is
        path: PathBuf,
        /// What it is
        kind: &'static str,
    },
    /// A file that runs with the rights of its owner or group
    #[error("`{}` has the set-uid or set-gid bit: remove it with `chmod ug-s`", path.display())]
    SetIdFile {
        /// Where it is
        path: PathBuf,
    },
    /// A file that changed its length while it was read
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// Where it is
        path: PathBuf,
    },
    /// Directories nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH)
    #[error("`{}` is nested deeper than {} directories", path.display(), super::MAX_DEPTH)]
    TooDeep {
        /// Where it is
        path: PathBuf,
    },
    /// The file system refused
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Where
        path: PathBuf,
        /// Why
        #[source]
        source: io::Error,
    },
    /// The receiver of the archive refused
    #[error("cannot write the archive")]
    Write {
        /// Why
        #[source]
        source: io::Error,
    },
}

/// Why bytes are not a NAR.
#[derive(Debug, thiserror::Error)]
pub enum ReadNarError {
    /// The archive breaks a rule of the format
    #[error("not a well-formed NAR, near byte {offset}")]
    Malformed {
        /// How far reading got
        offset: u64,
        /// What is wrong
        #[source]
        source: nix_archive::nar::Error,
    },
    /// More entries than the limit
    #[error("the archive has more than {limit} entries")]
    TooManyEntries {
        /// The limit
        limit: usize,
    },
}

/// Why an archive cannot be unpacked. Nothing is left at the destination.
#[derive(Debug, thiserror::Error)]
pub enum RestoreNarError {
    /// The destination is there already
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The destination
        path: PathBuf,
    },
    /// The archive is longer than the limit
    #[error("the archive is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes
        limit: u64,
    },
    /// The archive breaks a rule of the format, or the file system refused
    #[error("cannot unpack the archive to `{}`", path.display())]
    Unpack {
        /// The destination
        path: PathBuf,
        /// What is wrong
        #[source]
        source: nix_archive::nar::Error,
    },
    /// The destination cannot be prepared or finished
    #[error("cannot create `{}`", path.display())]
    Create {
        /// The destination
        path: PathBuf,
        /// Why
        #[source]
        source: io::Error,
    },
}
