//! What an attempt to run a job left, hashed by us.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gatos_core::job::{Item, NarDigest};
use gatos_core::name::ItemName;

use super::error::RealiseError;
use super::exit::Failure;
use super::run::End;
use crate::nar;
use crate::nix::{Nix, Registration, Waiting};
use crate::store_path::StorePath;

/// How an attempt to run a job ended.
#[derive(Debug)]
pub enum Outcome {
    /// It ran, here and now, and left these outputs
    Succeeded {
        /// By name
        outputs: BTreeMap<String, Output>,
    },
    /// It failed
    Failed {
        /// How
        failure: Failure,
    },
    /// It took too long and was killed
    TimedOut,
    /// Somebody asked to stop, and it was killed
    Cancelled,
    /// A disk that it writes to was nearly full, and it was killed
    DiskFull,
    /// It ran again beside outputs that were there, and made something else
    NotDeterministic {
        /// The outputs that were there, by name
        outputs: BTreeMap<String, Output>,
        /// Where Nix kept what differs, by name
        kept: BTreeMap<String, PathBuf>,
    },
    /// Bytes in the store are not the ones that were registered
    Tampered {
        /// The path
        path: StorePath,
        /// The hash on record
        registered: NarDigest,
        /// The hash of what is there
        found: NarDigest,
    },
}

/// One output of a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// Where it is
    pub path: StorePath,
    /// Its hash, computed by us over the bytes that are there
    pub nar: NarDigest,
    /// The hash that Nix has on record
    pub registered: NarDigest,
    /// The store paths that it refers to
    pub references: BTreeSet<StorePath>,
}

impl Output {
    /// The output as an item of `outputs_root`.
    #[must_use]
    pub fn to_item(&self, name: ItemName) -> Item {
        Item {
            name,
            nar: self.nar,
            references: self.references.iter().map(StorePath::base_name).collect(),
        }
    }
}

/// What the end of a build means, with its outputs looked at.
pub(crate) fn outcome(
    nix: &Nix,
    waiting: &mut Waiting,
    outputs: &BTreeMap<String, StorePath>,
    ended: End,
) -> Result<Outcome, RealiseError> {
    match ended {
        End::Succeeded => look(nix, waiting, outputs),
        End::Failed(failure) => Ok(Outcome::Failed { failure }),
        End::TimedOut => Ok(Outcome::TimedOut),
        End::Cancelled => Ok(Outcome::Cancelled),
        End::DiskFull => Ok(Outcome::DiskFull),
        End::NotDeterministic => not_deterministic(nix, waiting, outputs),
    }
}

/// Whether the bytes of a registered path are not the ones that were registered.
pub(super) fn tampered(
    nix: &Nix,
    registered: &BTreeMap<StorePath, Registration>,
) -> Result<Option<Outcome>, RealiseError> {
    for (path, registration) in registered {
        let found = nar::hash(&path.below(nix.store_root()))?;
        if found != registration.nar {
            return Ok(Some(Outcome::Tampered {
                path: path.clone(),
                registered: registration.nar,
                found,
            }));
        }
    }
    Ok(None)
}

fn hashed(
    nix: &Nix,
    waiting: &mut Waiting,
    outputs: &BTreeMap<String, StorePath>,
) -> Result<BTreeMap<String, Output>, RealiseError> {
    let registered = waiting.registrations(&outputs.values().cloned().collect())?;
    let mut found = BTreeMap::new();
    for (name, path) in outputs {
        let Some(registration) = registered.get(path) else {
            return Err(RealiseError::NoOutput { path: path.clone() });
        };
        let output = Output {
            path: path.clone(),
            nar: nar::hash(&path.below(nix.store_root()))?,
            registered: registration.nar,
            references: registration.references.clone(),
        };
        found.insert(name.clone(), output);
    }
    Ok(found)
}

fn look(
    nix: &Nix,
    waiting: &mut Waiting,
    outputs: &BTreeMap<String, StorePath>,
) -> Result<Outcome, RealiseError> {
    let outputs = hashed(nix, waiting, outputs)?;
    let wrong = outputs
        .values()
        .find(|output| output.nar != output.registered);
    Ok(match wrong {
        Some(output) => Outcome::Tampered {
            path: output.path.clone(),
            registered: output.registered,
            found: output.nar,
        },
        None => Outcome::Succeeded { outputs },
    })
}

fn not_deterministic(
    nix: &Nix,
    waiting: &mut Waiting,
    outputs: &BTreeMap<String, StorePath>,
) -> Result<Outcome, RealiseError> {
    let mut kept = BTreeMap::new();
    for (name, path) in outputs {
        let mut check = path.below(nix.store_root()).into_os_string();
        check.push(".check");
        let check = PathBuf::from(check);
        if check.symlink_metadata().is_ok() {
            kept.insert(name.clone(), check);
        }
    }
    Ok(Outcome::NotDeterministic {
        outputs: hashed(nix, waiting, outputs)?,
        kept,
    })
}
