//! Derivations as their text says, and the closure that a build needs. `docs/spec/job.md#job`.

mod closure;
mod error;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use nix_derivation::{Derivation, Output};
use sha2::{Digest, Sha256};

use crate::store_path::StorePath;

pub use self::closure::{Dependency, DrvClosure};
pub use self::error::{ClosureError, ParseDrvError};

/// Longest .drv text that is read, in bytes.
pub const MAX_DRV_BYTES: usize = 64 << 20;

/// A .drv file whose text was shown to belong to its path.
#[derive(Clone, Debug)]
pub struct DrvFile {
    path: StorePath,
    text: Vec<u8>,
    parsed: Derivation,
}

/// Where an output's path comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Addressing {
    /// From the derivation, recursively
    Input,
    /// From a hash of the content that the derivation states (a download); such a build has network
    Fixed,
    /// From content that is not known before the build, or from an impure build
    Floating,
}

impl DrvFile {
    /// Parse `text`, and check that its hash and references give `path`.
    ///
    /// # Errors
    /// A text that is not a derivation, or the derivation of another path.
    pub fn parse(path: StorePath, text: Vec<u8>) -> Result<Self, ParseDrvError> {
        if text.len() > MAX_DRV_BYTES {
            return Err(ParseDrvError::TooLarge { path });
        }
        let Some(name) = path.name().strip_suffix(".drv") else {
            return Err(ParseDrvError::NotADerivation { path });
        };
        let parsed = match Derivation::from_aterm_bytes(&text, name) {
            Ok(parsed) => parsed,
            Err(source) => return Err(ParseDrvError::Malformed { path, source }),
        };
        let drv = Self { path, text, parsed };
        let expected = StorePath::of_text(drv.path.name(), &drv.text, &drv.references());
        match expected {
            Ok(expected) if expected == drv.path => Ok(drv),
            Ok(expected) => Err(ParseDrvError::Lies {
                path: drv.path,
                expected,
            }),
            Err(source) => Err(ParseDrvError::Name {
                path: drv.path,
                source,
            }),
        }
    }

    /// Its store path.
    #[must_use]
    pub const fn path(&self) -> &StorePath {
        &self.path
    }

    /// Its text, byte for byte.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// SHA-256 of its text.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }

    /// The machine and system that builds it, for instance `x86_64-linux`.
    #[must_use]
    pub fn system(&self) -> &str {
        self.parsed.system()
    }

    /// The program that is started.
    #[must_use]
    pub fn builder(&self) -> &str {
        self.parsed.builder()
    }

    /// The arguments of the builder.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        self.parsed.arguments()
    }

    /// The environment of the builder.
    #[must_use]
    pub fn environment(&self) -> &BTreeMap<String, Vec<u8>> {
        self.parsed.environment()
    }

    /// One variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&[u8]> {
        self.parsed.environment().get(name).map(Vec::as_slice)
    }

    /// The structured attributes (`__structuredAttrs`) as JSON text, if there are any.
    #[must_use]
    pub fn structured_attributes(&self) -> Option<&[u8]> {
        self.parsed.structured_attrs().map(|a| a.canonical_json())
    }

    /// How the outputs get their paths.
    #[must_use]
    pub fn addressing(&self) -> Addressing {
        let mut outputs = self.parsed.outputs().values();
        match outputs.next() {
            Some(Output::InputAddressed { .. }) => Addressing::Input,
            Some(Output::Fixed { .. }) => Addressing::Fixed,
            _ => Addressing::Floating,
        }
    }

    /// The outputs and their paths; `None` for one whose path is not known before the build.
    #[must_use]
    pub fn outputs(&self) -> BTreeMap<String, Option<StorePath>> {
        let name = self.parsed.name();
        self.parsed
            .outputs()
            .iter()
            .map(|(output, value)| {
                let path = value.path(name, output).ok().flatten();
                (output.clone(), path.map(StorePath::from_inner))
            })
            .collect()
    }

    /// The files and trees that are inputs as they are.
    #[must_use]
    pub fn input_sources(&self) -> BTreeSet<StorePath> {
        let sources = self.parsed.input_sources().iter();
        sources.cloned().map(StorePath::from_inner).collect()
    }

    /// The derivations whose outputs are inputs, and which of their outputs.
    #[must_use]
    pub fn input_derivations(&self) -> BTreeMap<StorePath, BTreeSet<String>> {
        let inputs = self.parsed.input_derivations().iter();
        inputs
            .map(|(path, input)| (StorePath::from_inner(path.clone()), input.outputs().clone()))
            .collect()
    }

    /// Everything that the text refers to.
    fn references(&self) -> Vec<StorePath> {
        let derivations = self.parsed.input_derivations().keys();
        let sources = self.parsed.input_sources().iter();
        derivations
            .chain(sources)
            .cloned()
            .map(StorePath::from_inner)
            .collect()
    }

    pub(crate) const fn parsed(&self) -> &Derivation {
        &self.parsed
    }
}
