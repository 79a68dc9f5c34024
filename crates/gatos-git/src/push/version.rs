//! Which Git is started here.

use std::fmt;
use std::process::Command;

use super::remote::{RemoteError, answer};

/// A version of Git; the later one is the greater.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct GitVersion {
    /// Of `2.51.3`, 2
    pub major: u32,
    /// Of `2.51.3`, 51
    pub minor: u32,
    /// Of `2.51.3`, 3
    pub patch: u32,
}

impl GitVersion {
    /// A version.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// As `git --version` says it: what follows the third number, such as a distribution's word, is left out.
    #[must_use]
    pub fn read(said: &str) -> Option<Self> {
        let version = said
            .strip_prefix("git version ")?
            .split_whitespace()
            .next()?;
        let mut numbers = version.split('.');
        let mut next = || numbers.next()?.parse().ok();
        let (major, minor) = (next()?, next()?);
        // A release candidate has no third number and comes before the release.
        Some(Self::new(major, minor, next().unwrap_or(0)))
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The version of the `git` that is started here.
///
/// # Errors
/// [`RemoteError`]: there is none, or it does not say.
pub fn git_version() -> Result<GitVersion, RemoteError> {
    let said = answer(Command::new("git").arg("--version"))?;
    GitVersion::read(&said).ok_or(RemoteError::Refused { said })
}

#[cfg(test)]
mod tests {
    //! What different systems call their Git.

    use super::GitVersion;

    #[test]
    fn versions_are_read_as_systems_say_them() {
        for (said, expected) in [
            ("git version 2.47.3\n", Some((2, 47, 3))),
            ("git version 2.39.5 (Apple Git-154)", Some((2, 39, 5))),
            ("git version 2.51.0.windows.1", Some((2, 51, 0))),
            ("git version 2.52.0-rc1", Some((2, 52, 0))),
            ("git version 2.56.rc2", Some((2, 56, 0))),
            ("git version 3", None),
            ("hub version 2.1.0", None),
            ("", None),
        ] {
            let expected =
                expected.map(|(major, minor, patch)| GitVersion::new(major, minor, patch));
            assert_eq!(GitVersion::read(said), expected, "{said}");
        }
    }
}
