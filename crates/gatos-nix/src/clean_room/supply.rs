//! Store objects that travel with the evidence: what to pack, and what was handed over.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CleanRoomError;
use crate::derivation::DrvClosure;
use crate::nar::Archive;
use crate::nix::{AskNixError, Nix};
use crate::store_path::StorePath;

/// A store object that somebody handed over. Nothing about it is believed.
#[derive(Clone, Debug)]
pub struct Supplied<'a> {
    /// The store paths that it refers to, itself among them if it does
    pub references: BTreeSet<StorePath>,
    /// Its NAR
    pub nar: Archive<'a>,
}

/// How much a package of evidence holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// What the target itself is built with: its sources, and the outputs of other derivations
    Target,
    /// The sources of every derivation that it reaches, so that all can be built
    Everything,
}

/// One store object to pack; its NAR is written with [`nar::write`](crate::nar::write).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackedObject {
    /// Its path
    pub path: StorePath,
    /// The store paths that it refers to, itself among them if it does
    pub references: BTreeSet<StorePath>,
    /// Hash and length that Nix has on record; the packer compares
    pub registered: gatos_core::job::NarDigest,
}

/// List the store objects that a machine without network needs to build the root of `closure`.
///
/// The derivations themselves are not among them: they are evidence already.
///
/// # Errors
/// Nix cannot be asked, or something is not in the store that `nix` is asked about.
pub fn packing_list(
    nix: &Nix,
    closure: &DrvClosure,
    extent: Extent,
) -> Result<Vec<PackedObject>, CleanRoomError> {
    let roots: BTreeSet<StorePath> = match extent {
        Extent::Everything => closure.sources(),
        Extent::Target => {
            let sources = closure.root().input_sources().into_iter();
            sources.chain(closure.dependencies().into_keys()).collect()
        }
    };
    let all = nix.requisites(&roots)?;
    let registered: BTreeMap<_, _> = nix.registrations(&all)?;
    all.into_iter()
        .map(|path| {
            let registration = registered.get(&path).ok_or_else(|| AskNixError::Answer {
                command: "nix-store --dump-db".to_owned(),
            })?;
            Ok(PackedObject {
                references: registration.references.clone(),
                registered: registration.nar,
                path,
            })
        })
        .collect()
}
