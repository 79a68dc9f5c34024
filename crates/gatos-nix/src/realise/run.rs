//! One call of `nix-store --realise`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use gatos_core::job::REPORT_PREFIX;

use super::Options;
use super::error::RealiseError;
use super::exit::{Failure, Verdict, failure};
use super::log::Log;
use crate::derivation::DrvFile;
use crate::nix::{AskNixError, Event, Messages, Nix, Setting};
use crate::process::{self, Ended, Leash, Orphan};
use crate::store_path::StorePath;

/// What is kept of what Nix itself says.
const KEPT_LINES: usize = 60;
/// Nix enforces the time itself; we do, this much later, if it does not.
const MARGIN: Duration = Duration::from_secs(15);

/// Whether the outputs are there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Build {
    /// They are not
    New,
    /// They are: build beside them and compare
    Again,
}

/// How the call ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Succeeded,
    Failed(Failure),
    TimedOut,
    Cancelled,
    DiskFull,
    NotDeterministic,
}

/// What one call gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) ended: End,
    pub(crate) log: Log,
    /// Whether the builder was started
    pub(crate) executed: bool,
    /// Settings that a daemon did not obey
    pub(crate) ignored: BTreeSet<String>,
}

pub(crate) fn build(
    nix: &Nix,
    drv: &DrvFile,
    settings: &[Setting],
    build: Build,
    options: &mut Options<'_>,
) -> Result<Run, RealiseError> {
    let mut arguments: Vec<OsString> = vec!["--realise".into(), drv.path().to_string().into()];
    if build == Build::Again {
        arguments.extend(["--check".into(), "--keep-failed".into()]);
    }
    arguments.extend(["--log-format".into(), "internal-json".into()]);
    arguments.extend(crate::nix::arguments(settings));
    if let Some(timeout) = options.timeout {
        let seconds = timeout.as_secs().max(1).to_string();
        arguments.extend(["--option".into(), "timeout".into(), seconds.into()]);
    }
    if let Some(cores) = options.cores {
        arguments.extend(["--option".into(), "cores".into(), cores.to_string().into()]);
    }
    let leash = Leash {
        timeout: options.timeout.map(|timeout| timeout + MARGIN),
        cancel: options.cancel.clone(),
        orphan: Orphan::Ends,
        disks: disks(nix),
    };
    let mut listener = Listener {
        drv,
        progress: options.progress,
        messages: Messages::default(),
        log: Log::default(),
        said: Vec::new(),
        executed: false,
        running: false,
        ignored: BTreeSet::new(),
    };
    let mut command = nix.command("nix-store", &arguments);
    let finished = process::run(&mut command, &leash, None, &mut |line| listener.hear(line))
        .map_err(|source| AskNixError::Start {
            command: "nix-store --realise".to_owned(),
            source,
        })?;
    let said = listener.said.join("\n");
    let ended = match finished.ended {
        Ended::Cancelled => End::Cancelled,
        Ended::TimedOut => End::TimedOut,
        Ended::DiskFull => End::DiskFull,
        Ended::Exited(status) => verdict(drv, process::code(status), listener.executed, &said)?,
    };
    Ok(Run {
        ended,
        log: listener.log,
        executed: listener.executed,
        ignored: listener.ignored,
    })
}

/// Where each thing came from that was not there.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// Derivations that were built here
    pub(crate) built: BTreeSet<StorePath>,
    /// Store paths that a cache had, and which cache
    pub(crate) substituted: BTreeMap<StorePath, String>,
}

/// Make these targets (`<derivation>!<output>`) valid, from caches or by building.
pub(crate) fn fetch_or_build(
    nix: &Nix,
    targets: &[String],
    settings: &[Setting],
    options: &mut Options<'_>,
) -> Result<Fetched, RealiseError> {
    let mut arguments: Vec<OsString> = vec!["--realise".into()];
    arguments.extend(targets.iter().map(OsString::from));
    arguments.extend(["--log-format".into(), "internal-json".into()]);
    arguments.extend(crate::nix::arguments(settings));
    let leash = Leash {
        timeout: None,
        cancel: options.cancel.clone(),
        orphan: Orphan::Ends,
        disks: disks(nix),
    };
    let mut messages = Messages::default();
    let mut fetched = Fetched::default();
    let mut said = Vec::new();
    let mut command = nix.command("nix-store", &arguments);
    let finished = process::run(
        &mut command,
        &leash,
        None,
        &mut |line| match messages.read(line) {
            Some(Event::Building { derivation }) => {
                (options.progress)(&format!("building {derivation}"));
                fetched.built.insert(derivation);
            }
            Some(Event::Substituting { path, from }) => {
                (options.progress)(&format!("fetching {path} from {from}"));
                fetched.substituted.insert(path, from);
            }
            Some(Event::Said { text }) if said.len() < KEPT_LINES => said.push(text),
            _ => {}
        },
    )
    .map_err(|source| AskNixError::Start {
        command: "nix-store --realise".to_owned(),
        source,
    })?;
    let said = said.join("\n");
    match finished.ended {
        Ended::Exited(status) if status.success() => Ok(fetched),
        Ended::Exited(_) if has_sandbox_trouble(&said) => Err(RealiseError::NoSandbox { said }),
        Ended::Exited(_) => Err(RealiseError::Dependencies {
            targets: targets.join(" "),
            said,
        }),
        Ended::DiskFull => Err(RealiseError::DiskFull),
        Ended::Cancelled | Ended::TimedOut => Err(AskNixError::Cancelled.into()),
    }
}

/// Where a build writes: its store, and the folder that it works in.
fn disks(nix: &Nix) -> Vec<PathBuf> {
    vec![nix.store_root().join("nix/store"), std::env::temp_dir()]
}

/// Tell the job's own failures from those of everything around it.
fn verdict(drv: &DrvFile, code: i32, executed: bool, said: &str) -> Result<End, RealiseError> {
    let derivation = || drv.path().clone();
    let verdict = Verdict::of(code);
    if verdict == Verdict::Success {
        return Ok(End::Succeeded);
    }
    if has_sandbox_trouble(said) {
        return Err(RealiseError::NoSandbox {
            said: said.to_owned(),
        });
    }
    if !executed {
        return Err(RealiseError::NotStarted {
            derivation: derivation(),
            code,
            said: said.to_owned(),
        });
    }
    match (verdict, failure(said)) {
        (Verdict::TimedOut, _) => Ok(End::TimedOut),
        (Verdict::NotDeterministic, _) => Ok(End::NotDeterministic),
        (_, Some(failure)) => Ok(End::Failed(failure)),
        _ if said.contains("may not be deterministic") => Ok(End::NotDeterministic),
        _ if said.contains("timed out after") => Ok(End::TimedOut),
        _ => Err(RealiseError::Nix {
            derivation: derivation(),
            code,
            said: said.to_owned(),
        }),
    }
}

/// What Nix says when the kernel does not give it what the sandbox needs.
const SANDBOX_TROUBLE: [&str; 6] = [
    "does not support the kernel namespaces",
    "unable to start build process",
    "setting up a private mount namespace",
    "cannot set up the sandbox",
    "unable to clone",
    "setgroups failed",
];

fn has_sandbox_trouble(said: &str) -> bool {
    SANDBOX_TROUBLE.iter().any(|words| said.contains(words))
}

struct Listener<'a, 'b> {
    drv: &'a DrvFile,
    progress: &'a mut (dyn FnMut(&str) + 'b),
    messages: Messages,
    log: Log,
    said: Vec<String>,
    executed: bool,
    running: bool,
    ignored: BTreeSet<String>,
}

impl Listener<'_, '_> {
    fn hear(&mut self, line: &[u8]) {
        match self.messages.read(line) {
            Some(Event::Building { derivation }) if derivation == *self.drv.path() => {
                self.executed = true;
                self.running = true;
            }
            Some(Event::Built { derivation }) if derivation == *self.drv.path() => {
                self.running = false;
            }
            Some(Event::Line { derivation, text }) if derivation == *self.drv.path() => {
                if !text.starts_with(REPORT_PREFIX) {
                    (self.progress)(&text);
                }
                self.log.push(&text);
            }
            // Nix repeats what a builder prints in the form of Nix's own messages. While the job
            // runs nothing that is said is believed to come from Nix; its verdict comes after.
            Some(Event::Said { text }) if !self.running && self.said.len() < KEPT_LINES => {
                self.ignored.extend(ignored_setting(&text));
                self.said.push(text);
            }
            _ => {}
        }
    }
}

/// The setting that a daemon says it does not obey, if that is what this message says.
fn ignored_setting(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("ignoring the client-specified setting '")?;
    let (name, _) = rest.split_once('\'')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::ignored_setting;

    #[test]
    fn a_daemon_that_does_not_obey() {
        let said = "warning: ignoring the client-specified setting 'sandbox', because it is a \
            restricted setting and you are not a trusted user";
        assert_eq!(ignored_setting(said).as_deref(), Some("sandbox"));
        assert_eq!(ignored_setting("warning: unknown setting 'sandbox'"), None);
    }
}
