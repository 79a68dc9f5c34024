//! Why a text is no store path.

/// Why a text is not a [`StorePath`](super::StorePath).
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum StorePathError {
    /// A part breaks the rules of Nix
    #[error("`{text}` is not a store path (`/nix/store/<32 characters>-<name>`) or store name")]
    Invalid {
        /// What was given
        text: String,
        /// Which rule
        #[source]
        source: nix_derivation::store_path::Error,
    },
}

impl StorePathError {
    pub(super) fn invalid(text: &str, source: nix_derivation::store_path::Error) -> Self {
        Self::Invalid {
            text: text.to_owned(),
            source,
        }
    }
}
