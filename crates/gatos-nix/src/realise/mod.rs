//! Running one job in Nix's sandbox, and looking at what it left. `docs/spec/job.md#job`.

mod error;
mod exit;
mod log;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatos_core::job::{Isolation, Item, NarDigest};
use gatos_core::name::ItemName;

use crate::derivation::{Addressing, DrvClosure, DrvFile};
use crate::nar;
use crate::nix::{AskNixError, Nix, Registration, Setting, Settings};
use crate::process::Cancel;
use crate::store_path::StorePath;

pub use self::error::RealiseError;
pub use self::exit::Failure;
pub use self::log::Log;
pub(crate) use self::run::{Build, End, Fetched, build, fetch_or_build};

/// How a job is run.
pub struct Options<'a> {
    /// How long it may run
    pub timeout: Option<Duration>,
    /// A request to stop
    pub cancel: Cancel,
    /// What `NIX_BUILD_CORES` is; `None` leaves it to Nix
    pub cores: Option<u32>,
    /// Receives each line of the log as it comes
    pub progress: &'a mut dyn FnMut(&str),
}

/// What came of an attempt to run a job.
#[derive(Debug)]
pub struct Execution {
    /// How it ended
    pub outcome: Outcome,
    /// What the job printed
    pub log: Log,
    /// What the build asserted about its isolation, from inside
    pub isolation: Isolation,
    /// The settings that were in force
    pub settings: Settings,
}

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
    /// It ran again beside outputs that were there, and made something else
    NotDeterministic {
        /// The outputs that were there, by name
        outputs: BTreeMap<String, Output>,
        /// Where Nix kept what differs, by name
        kept: BTreeMap<String, std::path::PathBuf>,
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

/// Run the derivation in the store that `nix` is asked about.
///
/// It is always executed: an output that is there already is made again beside it and compared.
/// The target never comes from a cache; what it depends on may.
///
/// # Errors
/// Nix could not be asked, or something else than the job itself failed (a dependency, the disk,
/// the sandbox). A job that fails, times out or is cancelled is an [`Outcome`].
pub fn realise(
    nix: &Nix,
    closure: &DrvClosure,
    options: &mut Options<'_>,
) -> Result<Execution, RealiseError> {
    let drv = closure.root();
    let outputs = known_outputs(drv)?;
    let mut settings = isolating();
    // For the target alone. What it needs is fetched before, if it is not there.
    settings.push(Setting::new("substitute", "false"));
    let effective = nix.settings(&settings)?;
    refuse_open_sandbox(&effective)?;
    let paths: BTreeSet<StorePath> = outputs.values().cloned().collect();
    // Tampering is looked for first: a check would compare with the record, not with the bytes.
    let before = nix.registrations(&paths)?;
    if let Some(outcome) = tampered(nix, &before)? {
        return Ok(Execution {
            outcome,
            log: Log::default(),
            isolation: Isolation::default(),
            settings: effective,
        });
    }
    if let Some(ended) = get_dependencies(nix, closure, options)? {
        return Ok(Execution {
            outcome: ended,
            log: Log::default(),
            isolation: Isolation::default(),
            settings: effective,
        });
    }
    let valid = before.len() == paths.len();
    let again = if valid { Build::Again } else { Build::New };
    let result = build(nix, drv, &settings, again, options)?;
    if result.ended == End::Succeeded && !result.executed {
        return Err(RealiseError::NotExecuted {
            derivation: drv.path().clone(),
        });
    }
    Ok(Execution {
        outcome: outcome(nix, &outputs, result.ended)?,
        isolation: Isolation::from_log(result.log.text()),
        log: result.log,
        settings: effective,
    })
}

/// Fetch or build what the job is built with, as the configuration allows.
fn get_dependencies(
    nix: &Nix,
    closure: &DrvClosure,
    options: &mut Options<'_>,
) -> Result<Option<Outcome>, RealiseError> {
    let there = |path: &StorePath| path.below(nix.store_root()).symlink_metadata().is_ok();
    let dependencies = closure.dependencies().into_iter();
    let missing = dependencies.filter(|(path, _)| !there(path));
    let targets: Vec<String> = missing
        .map(|(_, dependency)| dependency.to_string())
        .collect();
    if targets.is_empty() {
        return Ok(None);
    }
    match fetch_or_build(nix, &targets, &isolating(), options) {
        Ok(_) => Ok(None),
        Err(RealiseError::Ask(AskNixError::Cancelled)) => Ok(Some(Outcome::Cancelled)),
        Err(error) => Err(error),
    }
}

/// What the end of a build means, with its outputs looked at.
pub(crate) fn outcome(
    nix: &Nix,
    outputs: &BTreeMap<String, StorePath>,
    ended: End,
) -> Result<Outcome, RealiseError> {
    match ended {
        End::Succeeded => look(nix, outputs),
        End::Failed(failure) => Ok(Outcome::Failed { failure }),
        End::TimedOut => Ok(Outcome::TimedOut),
        End::Cancelled => Ok(Outcome::Cancelled),
        End::NotDeterministic => not_deterministic(nix, outputs),
    }
}

/// The paths of the outputs, which must be known before the build.
pub(crate) fn known_outputs(drv: &DrvFile) -> Result<BTreeMap<String, StorePath>, RealiseError> {
    let unknown = || RealiseError::Addressing {
        derivation: drv.path().clone(),
    };
    if drv.addressing() != Addressing::Input {
        return Err(unknown());
    }
    drv.outputs()
        .into_iter()
        .map(|(name, path)| Ok((name, path.ok_or_else(unknown)?)))
        .collect()
}

/// The settings that close the sandbox. They override every configuration file.
pub(crate) fn isolating() -> Vec<Setting> {
    [
        ("sandbox", "true"),
        ("sandbox-fallback", "false"),
        ("sandbox-paths", ""),
        ("filter-syscalls", "true"),
        ("allow-new-privileges", "false"),
        ("pre-build-hook", ""),
        ("post-build-hook", ""),
        ("run-diff-hook", "false"),
        ("keep-going", "false"),
    ]
    .into_iter()
    .map(|(name, value)| Setting::new(name, value))
    .collect()
}

fn refuse_open_sandbox(settings: &Settings) -> Result<(), RealiseError> {
    for (name, value) in [
        ("sandbox", "true"),
        ("sandbox-fallback", "false"),
        ("sandbox-paths", ""),
    ] {
        let found = settings.get(name).unwrap_or_default();
        if found != value {
            return Err(RealiseError::OpenSandbox {
                setting: name,
                found: found.to_owned(),
            });
        }
    }
    Ok(())
}

fn tampered(
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
    outputs: &BTreeMap<String, StorePath>,
) -> Result<BTreeMap<String, Output>, RealiseError> {
    let registered = nix.registrations(&outputs.values().cloned().collect())?;
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

fn look(nix: &Nix, outputs: &BTreeMap<String, StorePath>) -> Result<Outcome, RealiseError> {
    let outputs = hashed(nix, outputs)?;
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
    outputs: &BTreeMap<String, StorePath>,
) -> Result<Outcome, RealiseError> {
    let mut kept = BTreeMap::new();
    for (name, path) in outputs {
        let mut check = path.below(nix.store_root()).into_os_string();
        check.push(".check");
        let check = std::path::PathBuf::from(check);
        if check.symlink_metadata().is_ok() {
            kept.insert(name.clone(), check);
        }
    }
    Ok(Outcome::NotDeterministic {
        outputs: hashed(nix, outputs)?,
        kept,
    })
}
