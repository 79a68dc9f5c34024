//! Bringing into a clean room what a job is built with, and recording who vouched for it.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::experiment::Dependency;
use gatos_core::job::NarDigest;
use nix_derivation::CAHash;

use super::error::{Blocked, CleanRoomError};
use super::import::{Object, Origin, import};
use super::supply::Supplied;
use super::{CleanRoom, DependencyPolicy};
use crate::derivation::DrvClosure;
use crate::nar;
use crate::nix::Registration;
use crate::realise::{self, Fetched, Options, RealiseError};
use crate::store_path::{Bytes, StorePath, have_fixed_hash};

/// A source: its name is a hash of its bytes.
const SOURCE: &str = "source";
const EVIDENCE: &str = "evidence";
const LOCAL_STORE: &str = "local store";
const BUILT: &str = "built";

pub(super) fn prepare(
    room: &CleanRoom,
    closure: &DrvClosure,
    supplied: &BTreeMap<StorePath, Supplied<'_>>,
    policy: DependencyPolicy,
    options: &mut Options<'_>,
) -> Result<Vec<Dependency>, CleanRoomError> {
    let mut intake = Intake {
        room,
        supplied,
        fixed: fixed_outputs(closure),
        host: BTreeMap::new(),
        objects: Vec::new(),
        vouched: BTreeMap::new(),
    };
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
    intake.derivations(closure);
    import(&room.nix, &intake.objects, &options.cancel)?;
    let mut vouched = intake.vouched;
    if !absent.is_empty() {
        vouched.extend(make(room, closure, &absent, policy, options)?);
    }
    list(room, closure, &wanted, &vouched)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Missing {
    Blocks,
    IsFine,
}

/// The content that fixed-output derivations state, by output path.
fn fixed_outputs(closure: &DrvClosure) -> BTreeMap<StorePath, CAHash> {
    let mut stated = BTreeMap::new();
    for drv in closure.derivations() {
        for (name, path) in drv.outputs() {
            let output = drv.parsed().outputs().get(&name);
            let content = output.and_then(nix_derivation::Output::fixed_content_address);
            if let (Some(path), Some(content)) = (path, content) {
                stated.insert(path, content.clone());
            }
        }
    }
    stated
}

/// Collects what is imported, each object after those that it refers to.
struct Intake<'a> {
    room: &'a CleanRoom,
    supplied: &'a BTreeMap<StorePath, Supplied<'a>>,
    fixed: BTreeMap<StorePath, CAHash>,
    /// What the store of this machine has on record
    host: BTreeMap<StorePath, Registration>,
    objects: Vec<Object<'a>>,
    vouched: BTreeMap<StorePath, String>,
}

impl<'a> Intake<'a> {
    fn has(&self, path: &StorePath) -> bool {
        self.vouched.contains_key(path)
    }

    /// Take sources, and what they refer to, which is sources as well.
    fn sources(
        &mut self,
        roots: BTreeSet<StorePath>,
        missing: Missing,
    ) -> Result<(), CleanRoomError> {
        let unknown: BTreeSet<_> = roots
            .iter()
            .filter(|path| !self.has(path) && !self.supplied.contains_key(path))
            .cloned()
            .collect();
        let there = self.room.host.registrations(&unknown)?;
        let with_references = self
            .room
            .host
            .requisites(&there.keys().cloned().collect())?;
        self.host
            .extend(self.room.host.registrations(&with_references)?);
        for root in roots {
            for path in self.in_order(&root)? {
                self.source(path, missing)?;
            }
        }
        Ok(())
    }

    fn source(&mut self, path: StorePath, missing: Missing) -> Result<(), CleanRoomError> {
        if self.has(&path) {
            return Ok(());
        }
        let Some((bytes, references, origin)) = self.find(&path)? else {
            return match missing {
                Missing::IsFine => Ok(()),
                Missing::Blocks => Err(Blocked::SourceMissing { path }.into()),
            };
        };
        if !bytes.are_named_by(&path, &references) {
            return Err(Blocked::SourceAltered { path }.into());
        }
        self.take(path, references, origin, bytes.nar, SOURCE);
        Ok(())
    }

    /// Take the outputs of other derivations from the evidence or the host; return the rest.
    fn outputs(
        &mut self,
        wanted: &BTreeSet<StorePath>,
    ) -> Result<BTreeSet<StorePath>, CleanRoomError> {
        let elsewhere: BTreeSet<_> = wanted
            .iter()
            .filter(|path| !self.supplied.contains_key(path))
            .cloned()
            .collect();
        let there = self.room.host.registrations(&elsewhere)?;
        let with_references = self
            .room
            .host
            .requisites(&there.keys().cloned().collect())?;
        self.host
            .extend(self.room.host.registrations(&with_references)?);
        let mut absent = BTreeSet::new();
        for root in wanted {
            if !self.supplied.contains_key(root) && !self.host.contains_key(root) {
                absent.insert(root.clone());
                continue;
            }
            for path in self.in_order(root)? {
                self.output(path)?;
            }
        }
        Ok(absent)
    }

    fn output(&mut self, path: StorePath) -> Result<(), CleanRoomError> {
        if self.has(&path) {
            return Ok(());
        }
        let Some((bytes, references, origin)) = self.find(&path)? else {
            return Err(Blocked::SourceMissing { path }.into());
        };
        let by = match &origin {
            _ if bytes.are_named_by(&path, &references) => SOURCE,
            Origin::Disk(disk) => {
                let registered = self.host.get(&path).map(|registration| registration.nar);
                if registered != Some(bytes.nar) {
                    return Err(Blocked::DependencyAltered { path }.into());
                }
                match self.fixed.get(&path) {
                    Some(stated) if have_fixed_hash(disk, stated)? => SOURCE,
                    Some(_) => return Err(Blocked::FixedOutputAltered { path }.into()),
                    None => LOCAL_STORE,
                }
            }
            Origin::Supplied(_) | Origin::Text(_) => EVIDENCE,
        };
        self.take(path, references, origin, bytes.nar, by);
        Ok(())
    }

    /// Find the bytes of a path: in the evidence first, then in the host's store.
    #[expect(
        clippy::type_complexity,
        reason = "three things found together, taken apart at once"
    )]
    fn find(
        &self,
        path: &StorePath,
    ) -> Result<Option<(Bytes, BTreeSet<StorePath>, Origin<'a>)>, CleanRoomError> {
        if let Some(supplied) = self.supplied.get(path) {
            let bytes =
                Bytes::of_archive(&supplied.nar).map_err(|source| CleanRoomError::Supply {
                    path: path.clone(),
                    source,
                })?;
            let references = supplied.references.clone();
            return Ok(Some((bytes, references, Origin::Supplied(supplied.nar))));
        }
        let Some(registration) = self.host.get(path) else {
            return Ok(None);
        };
        let disk = path.below(self.room.host.store_root());
        let bytes = Bytes::on_disk(&disk)?;
        Ok(Some((
            bytes,
            registration.references.clone(),
            Origin::Disk(disk),
        )))
    }

    fn take(
        &mut self,
        path: StorePath,
        references: BTreeSet<StorePath>,
        origin: Origin<'a>,
        nar: NarDigest,
        by: &str,
    ) {
        self.vouched.insert(path.clone(), by.to_owned());
        self.objects.push(Object {
            path,
            references,
            origin,
            nar,
        });
    }

    /// A path and all that it refers to, needed ones first.
    fn in_order(&self, root: &StorePath) -> Result<Vec<StorePath>, CleanRoomError> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        let mut steps = vec![(root.clone(), false)];
        while let Some((path, leaving)) = steps.pop() {
            if leaving {
                order.push(path);
                continue;
            }
            if self.has(&path) || !seen.insert(path.clone()) {
                continue;
            }
            steps.push((path.clone(), true));
            for reference in self.references(&path) {
                let known = self.has(reference)
                    || self.supplied.contains_key(reference)
                    || self.host.contains_key(reference);
                if !known {
                    return Err(Blocked::ReferenceMissing {
                        path: path.clone(),
                        reference: reference.clone(),
                    }
                    .into());
                }
                steps.push((reference.clone(), false));
            }
        }
        Ok(order)
    }

    fn references(&self, path: &StorePath) -> impl Iterator<Item = &StorePath> {
        let supplied = self.supplied.get(path).map(|s| &s.references);
        let host = self.host.get(path).map(|r| &r.references);
        supplied.or(host).into_iter().flatten()
    }

    /// Take the derivations. They were shown to be what their names say when they were collected.
    fn derivations(&mut self, closure: &'a DrvClosure) {
        let mut objects = Vec::new();
        for drv in closure.derivations() {
            let sources = drv
                .input_sources()
                .into_iter()
                .filter(|path| self.has(path));
            // Sources that are not needed may be missing, and Nix wants only what is there.
            let references = sources.chain(drv.input_derivations().into_keys()).collect();
            objects.push(Object {
                path: drv.path().clone(),
                references,
                origin: Origin::Text(drv.text()),
                nar: nar::digest_text(drv.text()),
            });
        }
        self.objects.append(&mut objects);
    }
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

/// List everything that the target is built with, hashed where it now lies.
fn list(
    room: &CleanRoom,
    closure: &DrvClosure,
    wanted: &BTreeSet<StorePath>,
    vouched: &BTreeMap<StorePath, String>,
) -> Result<Vec<Dependency>, CleanRoomError> {
    let roots = closure.root().input_sources().into_iter();
    let roots: BTreeSet<StorePath> = roots.chain(wanted.iter().cloned()).collect();
    let fixed = fixed_outputs(closure);
    let mut listed = Vec::new();
    for path in room.nix.requisites(&roots)? {
        let disk = room.on_disk(&path);
        if let Some(stated) = fixed.get(&path)
            && !have_fixed_hash(&disk, stated)?
        {
            return Err(Blocked::FixedOutputAltered { path }.into());
        }
        let by = vouched.get(&path).map_or(BUILT, String::as_str);
        listed.push(Dependency {
            path: path.base_name(),
            nar: nar::hash(&disk)?,
            vouched_by: by.to_owned(),
        });
    }
    Ok(listed)
}
