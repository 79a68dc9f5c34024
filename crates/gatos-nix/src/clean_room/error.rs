//! Why a job could not be built again: what could not be had, or what is not as it must be.

use std::io;
use std::path::PathBuf;

use crate::nar::WriteNarError;
use crate::nix::AskNixError;
use crate::realise::RealiseError;
use crate::store_path::StorePath;

/// What stands in the way of a reproduction, through no fault of the job: verdict `blocked`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Blocked {
    /// A setting in force is not the one asked for
    #[error("Nix's setting `{name}` is `{found}` and must be `{wanted}` in a clean room")]
    Setting {
        /// The setting
        name: &'static str,
        /// Its value in force
        found: String,
        /// The value that it must have
        wanted: &'static str,
    },
    /// The kernel gives no sandbox
    #[error(
        "the sandbox cannot be set up on this machine (in a container, allow user \
            namespaces):\n{said}"
    )]
    NoSandbox {
        /// What Nix said
        said: String,
    },
    /// A disk was nearly full while something was built that the target is built with
    #[error("{}", RealiseError::DiskFull)]
    DiskFull,
    /// A derivation that would open the sandbox
    #[error("`{derivation}` sets `{variable}`, which opens the sandbox")]
    OpensSandbox {
        /// The derivation
        derivation: StorePath,
        /// The variable
        variable: &'static str,
    },
    /// A derivation for another kind of machine
    #[error("`{derivation}` is built on `{wanted}`, and this machine is `{here}`")]
    System {
        /// The derivation
        derivation: StorePath,
        /// What it needs
        wanted: String,
        /// What there is
        here: String,
    },
    /// A source that nobody has
    #[error(
        "the source `{path}` is neither in the evidence nor in the store of this machine: ask \
            for evidence packed `--with-closure`"
    )]
    SourceMissing {
        /// The source
        path: StorePath,
    },
    /// A source whose bytes are others
    #[error("the source `{path}` is not what its name promises: its bytes were altered")]
    SourceAltered {
        /// The source
        path: StorePath,
    },
    /// A dependency whose bytes are others than those on record
    #[error("`{path}` was altered after it was built: `nix-store --repair-path {path}` may help")]
    DependencyAltered {
        /// The store path
        path: StorePath,
    },
    /// A download whose bytes have another hash than its derivation states
    #[error("`{path}` has not the hash that its derivation states")]
    FixedOutputAltered {
        /// The store path
        path: StorePath,
    },
    /// A dependency that can neither be fetched nor built
    #[error("what the job needs can neither be fetched nor built: {targets}\n{said}")]
    DependencyMissing {
        /// Derivations and their outputs
        targets: String,
        /// What Nix said
        said: String,
    },
    /// Evidence that refers to something that it does not hold
    #[error("the evidence holds `{path}` but not `{reference}`, which it refers to")]
    ReferenceMissing {
        /// What is there
        path: StorePath,
        /// What is missing
        reference: StorePath,
    },
    /// An output is there before it was built
    #[error("`{path}` was in the clean room before it was built")]
    TargetPresent {
        /// The output
        path: StorePath,
    },
    /// Nix did not start the build
    #[error("Nix could not start to build `{derivation}`:\n{said}")]
    NotStarted {
        /// The derivation
        derivation: StorePath,
        /// What Nix said
        said: String,
    },
    /// Nix says that all is well, yet built nothing
    #[error("Nix claims success for `{derivation}` without having built it")]
    NotExecuted {
        /// The derivation
        derivation: StorePath,
    },
    /// Somebody asked to stop
    #[error("cancelled")]
    Cancelled,
}

/// Why a clean room failed.
#[derive(Debug, thiserror::Error)]
pub enum CleanRoomError {
    /// Something stands in the way
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The folder cannot be made
    #[error("cannot make a folder for a clean room in `{}`", folder.display())]
    Folder {
        /// Where
        folder: PathBuf,
        /// Why
        #[source]
        source: io::Error,
    },
    /// Bytes that were handed over cannot be read
    #[error("cannot read `{path}` from the evidence")]
    Supply {
        /// The store path
        path: StorePath,
        /// Why
        #[source]
        source: io::Error,
    },
    /// A store path cannot be read
    #[error("cannot read a store path")]
    Read(#[from] WriteNarError),
    /// Nix could not be asked
    #[error(transparent)]
    Ask(#[from] AskNixError),
    /// The build could not be run
    #[error(transparent)]
    Realise(#[from] RealiseError),
}
