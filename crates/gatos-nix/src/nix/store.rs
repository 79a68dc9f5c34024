//! What Nix knows about store paths, and adding one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::Path;

use gatos_core::job::NarDigest;

use super::{AskNixError, Nix, signatures};
use crate::store_path::StorePath;

/// Most store paths that are named in one command line.
const CHUNK: usize = 512;

/// What Nix has on record about a store path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// The hash that the path had when it was registered; its bytes may be others by now
    pub nar: NarDigest,
    /// The store paths that it refers to, itself among them if it does
    pub references: BTreeSet<StorePath>,
    /// The derivation that made it, if Nix knows
    pub deriver: Option<StorePath>,
}

impl Nix {
    /// What Nix has on record about these store paths; a path that is not valid is left out.
    ///
    /// # Errors
    /// Nix fails or does not answer as expected.
    pub fn registrations(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeMap<StorePath, Registration>, AskNixError> {
        let mut found = BTreeMap::new();
        let paths: Vec<_> = paths.iter().collect();
        for some in paths.chunks(CHUNK) {
            found.extend(self.registrations_of(some)?);
        }
        Ok(found)
    }

    fn registrations_of(
        &self,
        paths: &[&StorePath],
    ) -> Result<BTreeMap<StorePath, Registration>, AskNixError> {
        // A path that does not exist cannot be valid, and this saves a process in the usual case.
        let there: Vec<_> = paths
            .iter()
            .filter(|path| path.below(&self.store_root).symlink_metadata().is_ok())
            .collect();
        if there.is_empty() {
            return Ok(BTreeMap::new());
        }
        let list = |option: &str, paths: &[OsString]| {
            let mut arguments = vec![option.into()];
            arguments.extend(paths.iter().cloned());
            arguments
        };
        let mut wanted: Vec<OsString> = there.iter().map(|p| p.to_string().into()).collect();
        let answer = match self.ask("nix-store", &list("--dump-db", &wanted), None) {
            Err(AskNixError::Failed { .. }) => {
                // One of them is there but not valid. Nix tells which.
                let mut arguments = list("--check-validity", &[]);
                arguments.push("--print-invalid".into());
                arguments.extend(wanted.iter().cloned());
                let invalid = self.ask("nix-store", &arguments, None)?;
                let invalid = String::from_utf8_lossy(&invalid).into_owned();
                wanted.retain(|path| !invalid.lines().any(|line| OsStr::new(line) == path));
                if wanted.is_empty() {
                    return Ok(BTreeMap::new());
                }
                self.ask("nix-store", &list("--dump-db", &wanted), None)?
            }
            other => other?,
        };
        parse_registrations(&answer).ok_or_else(|| AskNixError::Answer {
            command: "nix-store --dump-db".to_owned(),
        })
    }

    /// Add a file or folder to the store as a source (recursive SHA-256), as `builtins.path` does.
    ///
    /// # Errors
    /// Nix fails, or gives the path another name than its bytes demand.
    pub fn add_to_store(&self, path: &Path) -> Result<StorePath, AskNixError> {
        let answer = self.ask("nix-store", &["--add".into(), path.into()], None)?;
        let answer = String::from_utf8_lossy(&answer);
        answer.trim().parse().map_err(|_| AskNixError::Answer {
            command: "nix-store --add".to_owned(),
        })
    }

    /// The paths that these refer to, directly or not, they themselves among them.
    ///
    /// # Errors
    /// Nix fails, for instance because a path is not valid.
    pub fn requisites(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeSet<StorePath>, AskNixError> {
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut arguments: Vec<OsString> = vec!["--query".into(), "--requisites".into()];
        arguments.extend(paths.iter().map(|path| path.to_string().into()));
        let answer = self.ask("nix-store", &arguments, None)?;
        String::from_utf8_lossy(&answer)
            .lines()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| AskNixError::Answer {
                command: "nix-store --query --requisites".to_owned(),
            })
    }

    /// The names of the keys that signed these paths, as far as Nix tells.
    pub(crate) fn signers(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeMap<StorePath, BTreeSet<String>>, AskNixError> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut arguments: Vec<OsString> = vec!["path-info".into(), "--json".into()];
        arguments.extend(Self::experimental());
        arguments.extend(paths.iter().map(|path| path.to_string().into()));
        Ok(signatures::parse(&self.ask("nix", &arguments, None)?))
    }
}

/// Read the answer of `nix-store --dump-db`: path, hash, size, deriver, count, references.
fn parse_registrations(answer: &[u8]) -> Option<BTreeMap<StorePath, Registration>> {
    let text = std::str::from_utf8(answer).ok()?;
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(path) = lines.next() {
        let path = path.parse().ok()?;
        let sha256 = parse_hex(lines.next()?)?;
        let size = lines.next()?.parse().ok()?;
        let deriver = match lines.next()? {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        let count: usize = lines.next()?.parse().ok()?;
        let references = lines
            .by_ref()
            .take(count)
            .map(|line| line.parse().ok())
            .collect::<Option<BTreeSet<_>>>()?;
        let registration = Registration {
            nar: NarDigest { sha256, size },
            references,
            deriver,
        };
        found.insert(path, registration);
    }
    Some(found)
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    let mut digest = [0; 32];
    if bytes.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        let value = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(digest)
}
