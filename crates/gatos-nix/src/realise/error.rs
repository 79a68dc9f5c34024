//! Why a job could not even be tried.

use crate::nar::WriteNarError;
use crate::nix::AskNixError;
use crate::process::RESERVE_BYTES;
use crate::store_path::StorePath;

/// Why a derivation could not be run, through no fault of the job.
#[derive(Debug, thiserror::Error)]
pub enum RealiseError {
    /// Its outputs are not addressed by its inputs
    #[error("`{derivation}` is not addressed by its inputs, so GATOS does not run it")]
    Addressing {
        /// The derivation
        derivation: StorePath,
    },
    /// The sandbox is not closed, whatever was asked for
    #[error(
        "Nix's setting `{setting}` is `{found}`, so the sandbox is open: correct `nix.conf`, or \
            become a trusted user of the Nix daemon"
    )]
    OpenSandbox {
        /// The setting
        setting: &'static str,
        /// Its value in force
        found: String,
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
    /// Nix ended without having started the job
    #[error("Nix did not start to build `{derivation}` and ended with exit code {code}:\n{said}")]
    NotStarted {
        /// The derivation that was to be run
        derivation: StorePath,
        /// Nix's exit code, or 128 and the signal that ended it
        code: i32,
        /// What Nix said
        said: String,
    },
    /// Dependencies could not be built or fetched
    #[error("these can neither be fetched nor built: {targets}\n{said}")]
    Dependencies {
        /// Derivations and outputs
        targets: String,
        /// What Nix said
        said: String,
    },
    /// A disk was nearly full
    #[error(
        "the disk of the store or of temporary files was nearly full, so the build was stopped: \
            less than {} MiB were left; make room, e.g. with `nix-collect-garbage`",
        RESERVE_BYTES >> 20
    )]
    DiskFull,
    /// Nix failed for another reason
    #[error("Nix failed with exit code {code} while it built `{derivation}`:\n{said}")]
    Nix {
        /// The derivation that was to be run
        derivation: StorePath,
        /// Nix's exit code
        code: i32,
        /// What Nix said
        said: String,
    },
    /// Nix says that it succeeded, but built nothing
    #[error("Nix claims success for `{derivation}` without having built it")]
    NotExecuted {
        /// The derivation
        derivation: StorePath,
    },
    /// Nix says that it succeeded, but an output is not valid
    #[error("Nix built `{path}`, and yet it is not there")]
    NoOutput {
        /// The output
        path: StorePath,
    },
    /// An output cannot be hashed
    #[error("cannot hash an output")]
    Hash(#[from] WriteNarError),
    /// Nix could not be asked
    #[error(transparent)]
    Ask(#[from] AskNixError),
}
