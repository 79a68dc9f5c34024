//! Why a derivation is not a job that GATOS can vouch for.

use gatos_core::name::NameError;

use crate::store_path::StorePath;

/// Why a derivation is no [`Job`](super::Job).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JobError {
    /// It does not say that it is one
    #[error("`{path}` is not a job: make it with `gatos.lib.mkJob` or `mkExperiment`")]
    NotAJob {
        /// The derivation
        path: StorePath,
    },
    /// It says that it is one of another kind
    #[error("`{path}` is a job of a version that this GATOS does not know")]
    Version {
        /// The derivation
        path: StorePath,
    },
    /// Its outputs are addressed by content, so it may use the network
    #[error(
        "`{path}` is a fixed-output or content-addressed derivation: a job's output must follow \
            from its inputs alone"
    )]
    NotInputAddressed {
        /// The derivation
        path: StorePath,
    },
    /// It uses structured attributes, which hide inputs from us
    #[error("`{path}` uses `__structuredAttrs`, which a job cannot")]
    StructuredAttributes {
        /// The derivation
        path: StorePath,
    },
    /// It asks to be built outside the sandbox
    #[error("`{path}` sets `{name}`, which opens the sandbox: remove it")]
    Unsandboxed {
        /// The derivation
        path: StorePath,
        /// The variable
        name: &'static str,
    },
    /// It has not exactly the one output `out`
    #[error("`{path}` must have exactly one output, `out`")]
    Outputs {
        /// The derivation
        path: StorePath,
    },
    /// A variable is missing or not of its form
    #[error("`{path}` has no valid `{name}`")]
    Attribute {
        /// The derivation
        path: StorePath,
        /// The variable
        name: &'static str,
    },
    /// An input that is not one of the derivation's own
    #[error(
        "the input `{name}` of `{path}` is `{value}`, which the derivation does not depend on: \
            an input must be a file or folder, not a part of one"
    )]
    Input {
        /// The derivation
        path: StorePath,
        /// The name of the input
        name: String,
        /// What it is said to be
        value: String,
    },
    /// The job, or an input, has a name that cannot be used
    #[error("`{name}` cannot name a job or an input")]
    Name {
        /// The name
        name: String,
        /// Which rule it breaks
        #[source]
        source: NameError,
    },
}
