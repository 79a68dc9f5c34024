//! Why a job of a test has no outputs.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a job of a test has no outputs.
#[derive(Debug, Error)]
pub enum JobError {
    /// The folder of the job or a file in it could not be written.
    #[error("cannot prepare the folder of the job")]
    Prepare {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Python could not be started.
    #[error("cannot start `{}`: install the package python3", python.display())]
    Start {
        /// The program that was to be started.
        python: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The program ended without success.
    #[error("the program failed: {message}")]
    Refused {
        /// What it wrote to its standard error.
        message: String,
        /// Whether `$out` exists nevertheless.
        wrote: bool,
    },
    /// The outputs could not be read.
    #[error("cannot read the outputs")]
    Collect {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}
