//! Why a push could not be understood or applied.

use std::io;
use std::path::PathBuf;

use crate::name::NameError;

/// Why what a hook was told is no push.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A line is no update
    #[error("line {line} of the push is no update of a ref")]
    Line {
        /// Which one, from 1
        line: usize,
    },
    /// A ref has a name that no ref has
    #[error("line {line} of the push names no ref")]
    Name {
        /// Which one, from 1
        line: usize,
        /// The cause
        #[source]
        source: NameError,
    },
    /// A ref is named twice
    #[error("the push updates `{name}` twice")]
    Twice {
        /// The ref
        name: String,
    },
    /// There is nothing
    #[error("the push updates no ref")]
    Empty,
    /// There is too much
    #[error("the push updates more than {max} refs; push them in parts")]
    TooMany {
        /// The limit
        max: usize,
    },
    /// It cannot be read to its end
    #[error("the push cannot be read to its end")]
    Io {
        /// The cause
        #[source]
        source: io::Error,
    },
}

/// Why updates were not applied. None of them was, except where a variant says so.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Git could not be started or spoken to
    #[error("`git update-ref` cannot be run")]
    Start {
        /// The cause
        #[source]
        source: io::Error,
    },
    /// Git refused
    #[error("no ref was moved: {said}")]
    Refused {
        /// What Git said, on one line
        said: String,
    },
    /// A file could not be synchronised
    #[error("no ref was moved: `{}` is not on the disk", path.display())]
    Disk {
        /// The file
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
    /// All refs were moved, but that may be lost in a power failure
    #[error("all refs were moved, but `{}` is not on the disk", path.display())]
    Unconfirmed {
        /// The directory
        path: PathBuf,
        /// The cause
        #[source]
        source: io::Error,
    },
}
