//! Collecting what goes into a clean room: each object's bytes looked at, and who vouches for them.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::experiment::Dependency;
use nix_derivation::CAHash;

use super::CleanRoom;
use super::error::{Blocked, CleanRoomError};
use super::import::{Object, Origin};
use super::supply::Supplied;
use crate::derivation::DrvClosure;
use crate::nar;
use crate::nix::Registration;
use crate::store_path::{Bytes, StorePath, have_fixed_hash};

/// A source: its name is a hash of its bytes.
pub(super) const SOURCE: &str = "source";
pub(super) const EVIDENCE: &str = "evidence";
const LOCAL_STORE: &str = "local store";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Missing {
    Blocks,
    IsFine,
}

/// The content that fixed-output derivations state, by output path.
pub(super) fn fixed_outputs(closure: &DrvClosure) -> BTreeMap<StorePath, CAHash> {
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
pub(super) struct Intake<'a> {
    room: &'a CleanRoom,
    supplied: &'a BTreeMap<StorePath, Supplied<'a>>,
    fixed: BTreeMap<StorePath, CAHash>,
    /// What the store of this machine has on record
    host: BTreeMap<StorePath, Registration>,
    pub(super) objects: Vec<Object<'a>>,
    vouched: BTreeMap<StorePath, &'static str>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        room: &'a CleanRoom,
        closure: &DrvClosure,
        supplied: &'a BTreeMap<StorePath, Supplied<'a>>,
    ) -> Self {
        Self {
            room,
            supplied,
            fixed: fixed_outputs(closure),
            host: BTreeMap::new(),
            objects: Vec::new(),
            vouched: BTreeMap::new(),
        }
    }

    fn has(&self, path: &StorePath) -> bool {
        self.vouched.contains_key(path)
    }

    /// Take sources, and what they refer to, which is sources as well.
    pub(super) fn sources(
        &mut self,
        roots: BTreeSet<StorePath>,
        missing: Missing,
    ) -> Result<(), CleanRoomError> {
        self.ask_host(&roots)?;
        for root in roots {
            for path in self.in_order(&root)? {
                self.source(path, missing)?;
            }
        }
        Ok(())
    }

    /// Learn what the store of this machine has on record about these and what they refer to.
    fn ask_host(&mut self, roots: &BTreeSet<StorePath>) -> Result<(), CleanRoomError> {
        let unknown = |path: &&StorePath| {
            !self.has(path) && !self.supplied.contains_key(*path) && !self.host.contains_key(*path)
        };
        let roots = roots.iter().filter(unknown).cloned().collect();
        let there = self.room.host.registrations(&roots)?;
        let references = there
            .values()
            .flat_map(|registration| &registration.references);
        if references.clone().all(|path| there.contains_key(path)) {
            self.host.extend(there);
            return Ok(());
        }
        let all = self.room.host.requisites(&there.into_keys().collect())?;
        self.host.extend(self.room.host.registrations(&all)?);
        Ok(())
    }

    fn source(&mut self, path: StorePath, missing: Missing) -> Result<(), CleanRoomError> {
        if self.has(&path) {
            return Ok(());
        }
        let Some((object, bytes)) = self.find(&path)? else {
            return match missing {
                Missing::IsFine => Ok(()),
                Missing::Blocks => Err(Blocked::SourceMissing { path }.into()),
            };
        };
        if !bytes.are_named_by(&path, &object.references) {
            return Err(Blocked::SourceAltered { path }.into());
        }
        self.take(object, SOURCE);
        Ok(())
    }

    /// Take the outputs of other derivations from the evidence or the host; return the rest.
    pub(super) fn outputs(
        &mut self,
        wanted: &BTreeSet<StorePath>,
    ) -> Result<BTreeSet<StorePath>, CleanRoomError> {
        self.ask_host(wanted)?;
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
        let Some((object, bytes)) = self.find(&path)? else {
            return Err(Blocked::SourceMissing { path }.into());
        };
        let by = match &object.origin {
            _ if bytes.are_named_by(&path, &object.references) => SOURCE,
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
        self.take(object, by);
        Ok(())
    }

    /// Find an object: in the evidence first, then in the host's store.
    fn find(&self, path: &StorePath) -> Result<Option<(Object<'a>, Bytes)>, CleanRoomError> {
        let (bytes, references, origin) = if let Some(supplied) = self.supplied.get(path) {
            let unreadable = |source| CleanRoomError::Supply {
                path: path.clone(),
                source,
            };
            let bytes = Bytes::of_archive(&supplied.nar).map_err(unreadable)?;
            (bytes, &supplied.references, Origin::Supplied(supplied.nar))
        } else if let Some(registration) = self.host.get(path) {
            let disk = path.below(self.room.host.store_root());
            let bytes = Bytes::on_disk(&disk)?;
            (bytes, &registration.references, Origin::Disk(disk))
        } else {
            return Ok(None);
        };
        let object = Object {
            path: path.clone(),
            references: references.clone(),
            origin,
            nar: bytes.nar,
        };
        Ok(Some((object, bytes)))
    }

    fn take(&mut self, object: Object<'a>, by: &'static str) {
        self.vouched.insert(object.path.clone(), by);
        self.objects.push(object);
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

    /// Everything taken so far, as it stands in a signed reproduction.
    pub(super) fn listed(&self) -> BTreeMap<StorePath, Dependency> {
        let objects = self.objects.iter();
        let taken = objects.filter_map(|object| {
            let by = self.vouched.get(&object.path)?;
            let dependency = Dependency {
                path: object.path.base_name(),
                nar: object.nar,
                vouched_by: (*by).to_owned(),
            };
            Some((object.path.clone(), dependency))
        });
        taken.collect()
    }

    /// Take the derivations. They were shown to be what their names say when they were collected.
    pub(super) fn derivations(&mut self, closure: &'a DrvClosure) {
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
                nar: nar::digest(&nar::of_file(drv.text())),
            });
        }
        self.objects.append(&mut objects);
    }
}
