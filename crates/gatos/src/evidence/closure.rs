//! `--with-closure`: what the build needs goes into the evidence too, for machines without network.

use gatos_core::cid::{Cid, Codec};
use gatos_core::evidence::ClosureObject;
use gatos_core::experiment::ExperimentProof;
use gatos_core::statement::Signed;
use gatos_nix::StorePath;
use gatos_nix::clean_room::{Extent, packing_list};
use gatos_nix::nar;
use gatos_nix::nix::Nix;

use super::{Blocks, Evidence, Located};
use crate::error::{Context, Error, ErrorKind};
use crate::progress::Progress;
use crate::verify::closure;

impl Evidence<'_> {
    /// Add every store object that the build needs, from this machine's store.
    ///
    /// # Errors
    /// No Nix, something that is not in the store, or whose bytes are not those that Nix registered.
    pub fn add_closure(&mut self, progress: &mut dyn Progress) -> Result<(), Error> {
        let nix =
            Nix::find().context(ErrorKind::Blocked, || "there is no Nix to ask".to_owned())?;
        let experiment: Signed<ExperimentProof> =
            self.signed(&self.manifest.experiment, "proof of experiment")?;
        let derivations = closure(self, &experiment.statement().program.id)?;
        let objects = packing_list(&nix, &derivations, Extent::Target)
            .context(ErrorKind::Blocked, || {
                "not all that the build needs is here".to_owned()
            })
            .map_err(|e| e.with_hint("build the study once on this machine, then pack again"))?;
        progress.begin("pack what the build needs", Some(objects.len() as u64));
        for object in objects {
            let path = object.path.below(nix.store_root());
            let digest = nar::hash(&path).or_failed(|| format!("cannot read `{}`", object.path))?;
            if digest != object.registered {
                let message = format!(
                    "the bytes of {} are not those that Nix registered",
                    object.path
                );
                return Err(Error::new(ErrorKind::Mismatch, message));
            }
            let cid = Cid::from_digest(Codec::Raw, digest.sha256);
            let references = object.references.iter().map(StorePath::base_name).collect();
            let entry = ClosureObject {
                nar: cid,
                references,
            };
            self.manifest.closure.insert(object.path.base_name(), entry);
            if let Blocks::Repository { located, .. } = &mut self.blocks {
                located.entry(cid).or_insert(Located::StorePath(path));
            }
            progress.advance(1);
        }
        progress.end();
        Ok(())
    }
}
