//! A failure inside the Git library, kept opaque so that no caller depends on its types.

use std::fmt;

/// A failure of the Git library with its causes.
pub struct GitFailure(gix::Error);

impl GitFailure {
    pub(crate) const fn new(error: gix::Error) -> Self {
        Self(error)
    }
}

impl From<gix::Error> for GitFailure {
    fn from(error: gix::Error) -> Self {
        Self(error)
    }
}

impl fmt::Debug for GitFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for GitFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for GitFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0)
    }
}
