//! Bringing into a clean room what a job is built with, and recording who vouched for it.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::experiment::Dependency;

use super::error::{Blocked, CleanRoomError};
use super::import::import;
use super::intake::{EVIDENCE, Intake, Missing, SOURCE, fixed_outputs};
use super::supply::Supplied;
use super::{CleanRoom, DependencyPolicy};
use crate::derivation::DrvClosure;
use crate::nar;
use crate::realise::{self, Fetched, Options, RealiseError};
use crate::store_path::{StorePath, have_fixed_hash};

const BUILT: &str = "built";

pub(super) fn prepare(
    room: &CleanRoom,
    closure: &DrvClosure,
    supplied: &BTreeMap<StorePath, Supplied<'_>>,
    policy: DependencyPolicy,
    options: &mut Options<'_>,
) -> Result<Vec<Dependency>, CleanRoomError> {
    let mut intake = Intake::new(room, closure, supplied);
    let wanted: BTreeSet<StorePath> = closure.dependencies().into_keys().collect();
    intake.sources(closure.root().input_sources(), Missing::Blocks)?;
    let absent = match policy {
        DependencyPolicy::StoresAndCaches => intake.outputs(&wanted)?,
        DependencyPolicy::FromSource => wanted.clone(),
    };
    if !absent.is_empty() {
        let missing = match policy {
            DependencyPolicy::FromSource => Missing::Blocks,
            // A cache may have what would be built from them.
            DependencyPolicy::StoresAndCaches => Missing::IsFine,
        };
        intake.sources(closure.sources(), missing)?;
    }
    // What was taken is hashed while it is imported, so it need not be hashed again.
    let mut listed = intake.listed();
    intake.derivations(closure);
    import(&room.nix, &intake.objects, &options.cancel)?;
    if !absent.is_empty() {
        let vouched = make(room, closure, &absent, policy, options)?;
        let roots = closure.root().input_sources().into_iter();
        let roots = roots.chain(wanted).collect();
        listed = list(room, &roots, listed, &vouched)?;
    }
    check_fixed(room, closure, &mut listed)?;
    Ok(listed.into_values().collect())
}

/// Fetch from caches or build what nobody had, and tell where each path came from.
fn make(
    room: &CleanRoom,
    closure: &DrvClosure,
    absent: &BTreeSet<StorePath>,
    policy: DependencyPolicy,
    options: &mut Options<'_>,
) -> Result<BTreeMap<StorePath, String>, CleanRoomError> {
    let dependencies = closure.dependencies();
    let wanted = absent.iter().filter_map(|path| dependencies.get(path));
    let targets: Vec<String> = wanted.map(ToString::to_string).collect();
    let mut settings = realise::isolating();
    if policy == DependencyPolicy::FromSource {
        settings = super::target_settings();
    }
    let fetched = match realise::fetch_or_build(&room.nix, &targets, &settings, options) {
        Ok(fetched) => fetched,
        Err(RealiseError::NoSandbox { said }) => return Err(Blocked::NoSandbox { said }.into()),
        Err(RealiseError::DiskFull) => return Err(Blocked::DiskFull.into()),
        Err(RealiseError::Dependencies { targets, said }) => {
            return Err(Blocked::DependencyMissing { targets, said }.into());
        }
        Err(RealiseError::Ask(crate::nix::AskNixError::Cancelled)) => {
            return Err(Blocked::Cancelled.into());
        }
        Err(error) => return Err(error.into()),
    };
    let Fetched { built, substituted } = fetched;
    let mut vouched = BTreeMap::new();
    let signers = room.nix.signers(&substituted.keys().cloned().collect())?;
    for (path, cache) in substituted {
        let keys = signers.get(&path).into_iter().flatten();
        let keys: Vec<&str> = keys.map(String::as_str).collect();
        let by = match keys.is_empty() {
            true => cache,
            false => format!("{cache} signed by {}", keys.join(", ")),
        };
        vouched.insert(path, by);
    }
    // A path that a cache promised and did not deliver is built after all, so this comes last.
    let built = built
        .iter()
        .filter_map(|derivation| closure.get(derivation));
    for path in built.flat_map(|drv| drv.outputs().into_values()).flatten() {
        vouched.insert(path, BUILT.to_owned());
    }
    Ok(vouched)
}

/// List what the target is built with, which is less than what was taken if something was built.
fn list(
    room: &CleanRoom,
    roots: &BTreeSet<StorePath>,
    mut taken: BTreeMap<StorePath, Dependency>,
    vouched: &BTreeMap<StorePath, String>,
) -> Result<BTreeMap<StorePath, Dependency>, CleanRoomError> {
    let mut listed = BTreeMap::new();
    for path in room.nix.requisites(roots)? {
        let dependency = match taken.remove(&path) {
            Some(dependency) => dependency,
            None => Dependency {
                path: path.base_name(),
                nar: nar::hash(&room.on_disk(&path))?,
                // What no cache delivered was built, perhaps by a derivation with several outputs.
                vouched_by: vouched.get(&path).map_or(BUILT, String::as_str).to_owned(),
            },
        };
        listed.insert(path, dependency);
    }
    Ok(listed)
}

/// A fixed output must have the hash that its derivation states, wherever it came from.
fn check_fixed(
    room: &CleanRoom,
    closure: &DrvClosure,
    listed: &mut BTreeMap<StorePath, Dependency>,
) -> Result<(), CleanRoomError> {
    for (path, stated) in fixed_outputs(closure) {
        let Some(dependency) = listed.get_mut(&path) else {
            continue;
        };
        if dependency.vouched_by == SOURCE {
            continue;
        }
        if !have_fixed_hash(&room.on_disk(&path), &stated)? {
            return Err(Blocked::FixedOutputAltered { path }.into());
        }
        if dependency.vouched_by == EVIDENCE {
            SOURCE.clone_into(&mut dependency.vouched_by);
        }
    }
    Ok(())
}
