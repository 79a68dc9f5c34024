//! An empty store in which a job is built once more, from nothing but what it names.
//! `docs/spec/job.md#clean-room`.

mod assertions;
mod error;
mod import;
mod intake;
mod prepare;
mod supply;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gatos_core::experiment::Dependency;
use gatos_core::job::Isolation;
use tempfile::TempDir;

use crate::derivation::DrvClosure;
use crate::nix::{Nix, Setting, Settings};
use crate::realise::{self, Build, End, Execution, Options, RealiseError};
use crate::store_path::StorePath;

pub use self::assertions::check_settings;
pub use self::error::{Blocked, CleanRoomError};
pub use self::supply::{Extent, PackedObject, Supplied, packing_list};

/// Where the things come from that the target is built with. The target itself comes from nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DependencyPolicy {
    /// From what was handed over, from the store of this machine or from the caches that Nix is
    /// configured with; what none of them has is built
    StoresAndCaches,
    /// Everything is built here, from sources whose names are hashes of their bytes
    FromSource,
}

/// A store that was empty, and the Nix that works in it.
///
/// It is removed when dropped.
#[derive(Debug)]
pub struct CleanRoom {
    /// Asked about the clean store
    nix: Nix,
    /// Asked about the store of this machine
    host: Nix,
    folder: Option<TempDir>,
    settings: Settings,
}

impl CleanRoom {
    /// Create an empty store in a new folder below `parent`.
    ///
    /// The settings in force are looked at before anything is built.
    ///
    /// # Errors
    /// The folder cannot be made, Nix cannot be asked, or [`Blocked`]: a setting is not as it must
    /// be.
    pub fn new(host: &Nix, parent: &Path) -> Result<Self, CleanRoomError> {
        let folder = tempfile::Builder::new()
            .prefix("gatos-clean-room-")
            .tempdir_in(parent)
            .map_err(|source| CleanRoomError::Folder {
                folder: parent.to_path_buf(),
                source,
            })?;
        // Nix wants the path free of symbolic links.
        let real = folder
            .path()
            .canonicalize()
            .map_err(|source| CleanRoomError::Folder {
                folder: folder.path().to_path_buf(),
                source,
            })?;
        let nix = host.with_store_below(&real);
        let settings = nix.settings(&target_settings())?;
        check_settings(&settings)?;
        Ok(Self {
            nix,
            host: host.clone(),
            folder: Some(folder),
            settings,
        })
    }

    /// The Nix of the clean store.
    #[must_use]
    pub const fn nix(&self) -> &Nix {
        &self.nix
    }

    /// The settings with which the target is built.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Bring in the derivations and what the target is built with.
    ///
    /// Sources are believed because their names are hashes of their bytes, which are computed here.
    /// Of everything else it is recorded who vouched for it. `supplied` is what came with the
    /// evidence.
    ///
    /// # Errors
    /// [`Blocked`] if something cannot be had or is not what its name promises; Nix fails.
    pub fn prepare(
        &self,
        closure: &DrvClosure,
        supplied: &BTreeMap<StorePath, Supplied<'_>>,
        policy: DependencyPolicy,
        options: &mut Options<'_>,
    ) -> Result<Vec<Dependency>, CleanRoomError> {
        assertions::check_closure(closure, &self.settings)?;
        self.assert_absent(closure)?;
        prepare::prepare(self, closure, supplied, policy, options)
    }

    /// Build the target, with its dependencies there and nothing else.
    ///
    /// # Errors
    /// [`Blocked`] if an output is there before the build, or the build could not be started; Nix
    /// fails. A job that fails is an [`Outcome`](crate::realise::Outcome).
    pub fn realise(
        &self,
        closure: &DrvClosure,
        options: &mut Options<'_>,
    ) -> Result<Execution, CleanRoomError> {
        self.assert_absent(closure)?;
        let drv = closure.root();
        let outputs = realise::known_outputs(drv)?;
        let settings = target_settings();
        let mut waiting = self.nix.waiting();
        let run = match realise::build(&self.nix, drv, &settings, Build::New, options) {
            Ok(run) => run,
            Err(RealiseError::NoSandbox { said }) => return Err(Blocked::NoSandbox { said }.into()),
            Err(RealiseError::NotStarted { said, .. }) => {
                return Err(Blocked::NotStarted {
                    derivation: drv.path().clone(),
                    said,
                }
                .into());
            }
            Err(error) => return Err(error.into()),
        };
        if run.ended == End::Succeeded && !run.executed {
            return Err(Blocked::NotExecuted {
                derivation: drv.path().clone(),
            }
            .into());
        }
        Ok(Execution {
            outcome: realise::outcome(&self.nix, &mut waiting, &outputs, run.ended)?,
            isolation: Isolation::from_log(run.log.text()),
            log: run.log,
            settings: self.settings.clone(),
        })
    }

    /// Where a store path of the clean store lies on disk.
    #[must_use]
    pub fn on_disk(&self, path: &StorePath) -> PathBuf {
        path.below(self.nix.store_root())
    }

    /// Leave the store where it is, for a person to look at.
    #[must_use]
    pub fn keep(mut self) -> PathBuf {
        match self.folder.take() {
            Some(folder) => folder.keep(),
            None => self.nix.store_root().to_path_buf(),
        }
    }

    /// The target's outputs must not be there: this store is to make them.
    fn assert_absent(&self, closure: &DrvClosure) -> Result<(), CleanRoomError> {
        for path in realise::known_outputs(closure.root())?.into_values() {
            if self.on_disk(&path).symlink_metadata().is_ok() {
                return Err(Blocked::TargetPresent { path }.into());
            }
        }
        Ok(())
    }
}

impl Drop for CleanRoom {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            make_removable(folder.path());
            // Nobody is left to tell, and the folder lies where temporary things do.
            let _ = folder.close();
        }
    }
}

/// Store folders are read-only; to empty one it must be writable.
fn make_removable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}

/// The settings for building the target: nothing from anywhere, and no one else builds.
fn target_settings() -> Vec<Setting> {
    let mut settings = realise::isolating();
    settings.extend(
        [
            ("substitute", "false"),
            ("substituters", ""),
            ("builders", ""),
            ("fallback", "false"),
            ("max-jobs", "1"),
        ]
        .map(|(name, value)| Setting::new(name, value)),
    );
    settings.push(realise::no_build_hook());
    settings
}
