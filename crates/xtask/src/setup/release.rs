//! Which Nix is installed, and whether it is new enough.

use std::fmt;
use std::process::{Command, Stdio};

/// The oldest Nix that the flake is written for.
const OLDEST: (u32, u32) = (2, 18);

/// What `nix --version` says, e.g. `nix (Nix) 2.26.3` or `nix (Lix, like Nix) 2.93.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    text: String,
    number: (u32, u32),
}

impl Release {
    /// Reads the line that `nix --version` prints.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let version = line.split_whitespace().last()?;
        let mut parts = version.split(|c: char| !c.is_ascii_digit());
        let number = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self {
            text: line.trim().to_owned(),
            number,
        })
    }

    /// Whether it is 2.18 or newer.
    pub(crate) fn is_supported(&self) -> bool {
        self.number >= OLDEST
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The Nix on `PATH`, if one is there and starts.
pub(crate) fn on_path() -> Option<Release> {
    let output = Command::new("nix")
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Release::parse(std::str::from_utf8(&output.stdout).ok()?)
}

#[cfg(test)]
mod tests {
    use super::Release;

    fn check(line: &str, supported: Option<bool>) {
        assert_eq!(
            Release::parse(line).map(|found| found.is_supported()),
            supported,
            "{line}"
        );
    }

    #[test]
    fn knows_nix_and_lix_by_their_version_line() {
        check("nix (Nix) 2.26.3", Some(true));
        check("nix (Nix) 2.18.0pre20230901_abcdef", Some(true));
        check("nix (Lix, like Nix) 2.93.0", Some(true));
        check("nix (Nix) 2.8.0", Some(false));
        check("nix (Nix) 3.0", Some(true));
        check("", None);
        check("nix (Nix) new", None);
    }
}
