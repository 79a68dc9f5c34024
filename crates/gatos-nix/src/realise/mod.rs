//! Running one job in Nix's sandbox, and looking at what it left. `docs/spec/job.md#job`.

mod error;
mod exit;
mod log;
mod outcome;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatos_core::job::Isolation;

use crate::derivation::{Addressing, DrvClosure, DrvFile};
use crate::nix::{AskNixError, Nix, Setting, Settings};
use crate::process::Cancel;
use crate::store_path::StorePath;

pub use self::error::RealiseError;
pub use self::exit::Failure;
pub use self::log::Log;
pub(crate) use self::outcome::outcome;
use self::outcome::tampered;
pub use self::outcome::{Outcome, Output};
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
    let effective = effective_settings(nix)?;
    realise_under(nix, closure, effective, options)
}

/// The settings that are in force for a job, as Nix tells them: for whoever asks while something
/// else takes time.
///
/// # Errors
/// Nix could not be asked.
pub fn effective_settings(nix: &Nix) -> Result<Settings, AskNixError> {
    nix.settings(&job_settings())
}

/// As [`realise`], where it is known already which settings are in force.
///
/// # Errors
/// As [`realise`].
pub fn realise_under(
    nix: &Nix,
    closure: &DrvClosure,
    effective: Settings,
    options: &mut Options<'_>,
) -> Result<Execution, RealiseError> {
    let drv = closure.root();
    let outputs = known_outputs(drv)?;
    let mut settings = job_settings();
    if effective.has_no_builders() {
        settings.push(no_build_hook());
    }
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
    let mut waiting = nix.waiting();
    let result = build(nix, drv, &settings, again, options)?;
    if result.ended == End::Succeeded && !result.executed {
        return Err(RealiseError::NotExecuted {
            derivation: drv.path().clone(),
        });
    }
    let effective = obeyed(nix, effective, &result.ignored)?;
    refuse_unsandboxed(&effective)?;
    Ok(Execution {
        outcome: outcome(nix, &mut waiting, &outputs, result.ended)?,
        isolation: Isolation::from_log(result.log.text()),
        log: result.log,
        settings: effective,
    })
}

/// What was in force if a daemon did not do as it was told, which it does only for those whom it
/// trusts. It says so, and then the settings of the system are its own.
fn obeyed(
    nix: &Nix,
    mut settings: Settings,
    ignored: &BTreeSet<String>,
) -> Result<Settings, RealiseError> {
    if ignored.is_empty() {
        return Ok(settings);
    }
    let system = nix.system_settings()?;
    for name in ignored {
        settings = settings.with(name, system.get(name).unwrap_or_default());
    }
    Ok(settings)
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
        Err(RealiseError::DiskFull) => Ok(Some(Outcome::DiskFull)),
        Err(error) => Err(error),
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

/// Those for the job itself. What it needs is fetched before, if it is not there.
fn job_settings() -> Vec<Setting> {
    let mut settings = isolating();
    settings.push(Setting::new("substitute", "false"));
    settings
}

/// Where no other machine builds, nobody need be asked: Nix would start another Nix to find out.
pub(crate) fn no_build_hook() -> Setting {
    Setting::new("build-hook", "")
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

/// A daemon may allow paths in its sandbox that we did not ask for; they are recorded, and the job
/// says itself what it saw. Without a sandbox nothing that it says counts.
fn refuse_unsandboxed(settings: &Settings) -> Result<(), RealiseError> {
    match settings.get("sandbox").unwrap_or_default() {
        "true" => Ok(()),
        found => Err(RealiseError::OpenSandbox {
            setting: "sandbox",
            found: found.to_owned(),
        }),
    }
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
