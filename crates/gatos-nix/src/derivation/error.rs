//! Why a .drv file, or the closure of one, cannot be believed.

use std::io;

use crate::store_path::{StorePath, StorePathError};

/// Why bytes are not the derivation that a path names.
#[derive(Debug, thiserror::Error)]
pub enum ParseDrvError {
    /// The path is not one of a derivation
    #[error("`{path}` is not a derivation: its name does not end in `.drv`")]
    NotADerivation {
        /// The path
        path: StorePath,
    },
    /// The text is longer than [`MAX_DRV_BYTES`](super::MAX_DRV_BYTES)
    #[error("`{path}` is longer than {} bytes", super::MAX_DRV_BYTES)]
    TooLarge {
        /// The path
        path: StorePath,
    },
    /// The text is not a derivation
    #[error("`{path}` is not a well-formed derivation")]
    Malformed {
        /// The path
        path: StorePath,
        /// Where it breaks
        #[source]
        source: nix_derivation::Error,
    },
    /// The text belongs to another path
    #[error("`{path}` does not hold what its name promises: its bytes are those of `{expected}`")]
    Lies {
        /// The path that was claimed
        path: StorePath,
        /// The path that follows from the bytes
        expected: StorePath,
    },
    /// The name cannot be one of a store path
    #[error("`{path}` has a name that no store path can have")]
    Name {
        /// The path
        path: StorePath,
        /// Which rule
        #[source]
        source: StorePathError,
    },
}

/// Why the derivations that a build needs cannot be had or believed.
#[derive(Debug, thiserror::Error)]
pub enum ClosureError {
    /// A derivation that is reached is not there
    #[error("the derivation `{path}` is missing")]
    Missing {
        /// The path
        path: StorePath,
    },
    /// A derivation cannot be read
    #[error("cannot read the derivation `{path}`")]
    Read {
        /// The path
        path: StorePath,
        /// Why
        #[source]
        source: io::Error,
    },
    /// A derivation is not what its path says
    #[error(transparent)]
    Parse(#[from] ParseDrvError),
    /// The outputs are not the ones that follow from the derivation
    #[error("`{path}` states outputs that do not follow from it")]
    Outputs {
        /// The path
        path: StorePath,
        /// Which output
        #[source]
        source: nix_derivation::Error,
    },
    /// Derivations need each other
    #[error("`{path}` needs itself")]
    Cycle {
        /// One of them
        path: StorePath,
    },
    /// An input whose derivation is only known after a build
    #[error(
        "`{path}` has an input that another build computes (a dynamic derivation), which GATOS \
            does not support"
    )]
    Dynamic {
        /// The path
        path: StorePath,
    },
    /// More derivations than the limit
    #[error("the closure has more than {limit} derivations")]
    TooMany {
        /// The limit
        limit: usize,
    },
}
