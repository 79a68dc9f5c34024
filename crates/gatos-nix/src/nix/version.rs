//! Which Nix is installed.

use std::fmt;

/// A version of Nix or of a program that descends from it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NixVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl NixVersion {
    /// The version `major.minor.patch`.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for NixVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The release of each line that has the security fixes of October 2026.
const FIXED: [NixVersion; 5] = [
    NixVersion::new(2, 28, 8),
    NixVersion::new(2, 30, 6),
    NixVersion::new(2, 31, 6),
    NixVersion::new(2, 34, 9),
    NixVersion::new(2, 35, 3),
];

impl NixVersion {
    /// Whether this release of Nix has the fixes against escapes from the sandbox that were known
    /// in October 2026. A distribution may have patched an older one; its number does not tell.
    #[must_use]
    pub fn has_known_fixes(self) -> bool {
        let line = FIXED
            .iter()
            .find(|fixed| (fixed.major, fixed.minor) == (self.major, self.minor));
        match line {
            Some(fixed) => self >= *fixed,
            None => FIXED.iter().all(|fixed| self > *fixed),
        }
    }
}

/// Which program answers to the name of Nix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Implementation {
    /// Nix itself, or Determinate Nix, which counts Nix's version as its own second one
    Nix,
    /// Lix
    Lix,
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nix => "Nix",
            Self::Lix => "Lix",
        })
    }
}

/// Read what `nix --version` prints, for instance `nix (Nix) 2.26.3`.
pub(super) fn parse(text: &str) -> Option<(Implementation, NixVersion)> {
    let rest = text.lines().next()?.strip_prefix("nix (")?;
    let (name, version) = rest.rsplit_once(") ")?;
    let implementation = if name.contains("Lix") {
        Implementation::Lix
    } else {
        Implementation::Nix
    };
    // Pre-releases are written `2.34.0pre20260101_abcdef`.
    let number = |part: &str| {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        part.get(..end)?.parse().ok()
    };
    let mut parts = version.split('.');
    let version = NixVersion {
        major: number(parts.next()?)?,
        minor: number(parts.next()?)?,
        patch: parts.next().and_then(number).unwrap_or(0),
    };
    Some((implementation, version))
}

#[cfg(test)]
mod tests {
    use super::{Implementation, NixVersion, parse};

    #[test]
    fn knows_the_fixed_releases() {
        let cases = [
            ((2, 26, 3), false),
            ((2, 28, 7), false),
            ((2, 28, 8), true),
            ((2, 29, 9), false),
            ((2, 34, 8), false),
            ((2, 35, 3), true),
            ((2, 36, 0), true),
        ];
        for ((major, minor, patch), expect) in cases {
            let version = NixVersion::new(major, minor, patch);
            assert_eq!(version.has_known_fixes(), expect, "{version}");
        }
    }

    #[test]
    fn reads_what_the_programs_print() {
        let cases = [
            (
                "nix (Nix) 2.26.3",
                Some((Implementation::Nix, NixVersion::new(2, 26, 3))),
            ),
            (
                "nix (Nix) 2.34",
                Some((Implementation::Nix, NixVersion::new(2, 34, 0))),
            ),
            (
                "nix (Nix) 2.34.0pre20260101_abcdef1",
                Some((Implementation::Nix, NixVersion::new(2, 34, 0))),
            ),
            (
                "nix (Determinate Nix 3.17.3) 2.33.1",
                Some((Implementation::Nix, NixVersion::new(2, 33, 1))),
            ),
            (
                "nix (Lix, like Nix) 2.95.2\nSystem type: x86_64-linux",
                Some((Implementation::Lix, NixVersion::new(2, 95, 2))),
            ),
            ("", None),
            ("git version 2.39.5", None),
            ("nix (Nix)", None),
        ];
        for (text, expect) in cases {
            assert_eq!(parse(text), expect, "{text}");
        }
    }
}
