//! Why two outputs cannot be compared.

use std::io;

use crate::nar::{ReadNarError, WriteNarError};

/// Why no difference could be looked for.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One of the two is not an archive
    #[error("cannot read an output's archive")]
    Archive(#[from] ReadNarError),
    /// The output that was built cannot be archived
    #[error("cannot archive the output")]
    Output(#[from] WriteNarError),
    /// A part of an archive cannot be read
    #[error("cannot read a part of an output's archive")]
    Read {
        /// Why
        #[source]
        source: io::Error,
    },
    /// No temporary file can be written
    #[error("cannot write a temporary file")]
    Spool {
        /// Why
        #[source]
        source: io::Error,
    },
}
