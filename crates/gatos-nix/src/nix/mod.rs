//! The Nix of this machine: which one it is, and how it is asked.

mod error;
mod message;
mod serve;
mod settings;
mod signatures;
mod store;
mod version;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

pub use self::error::{AskNixError, FindNixError};
pub(crate) use self::message::{Event, Messages, plain};
pub(crate) use self::serve::Waiting;
pub(crate) use self::settings::arguments;
pub use self::settings::{Setting, Settings};
pub use self::store::Registration;
pub use self::version::{Implementation, NixVersion};
use crate::process::{self, Cancel, Ended, Feed, Leash, Orphan};

/// The oldest Nix whose commands are what this crate expects.
pub const OLDEST: NixVersion = NixVersion::new(2, 18, 0);

/// Lines of a failed command's messages that are kept.
const KEPT_LINES: usize = 40;

/// An installed Nix, and the store that it is asked about.
#[derive(Clone, Debug)]
pub struct Nix {
    /// The folder of `nix`, `nix-store` and `nix-instantiate`
    programs: PathBuf,
    implementation: Implementation,
    version: NixVersion,
    store: Option<OsString>,
    store_root: PathBuf,
    says: String,
    cancel: Cancel,
    configuration: Configuration,
}

/// Whose configuration files count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Configuration {
    /// Those of the user, and those of the system
    User,
    /// Those of the system alone, as for its daemon
    System,
}

impl Nix {
    /// Find the Nix that `PATH` names.
    ///
    /// # Errors
    /// None there, one older than 2.18, or one that does not start; the message says what to do.
    pub fn find() -> Result<Self, FindNixError> {
        Self::find_in(&std::env::var_os("PATH").unwrap_or_default())
    }

    /// Find the Nix that `PATH` names, and do something with it while it tells its version.
    ///
    /// `work` gets a Nix that does not know yet which one it is: what it asks may fail for being
    /// too new, and what it returns is dropped if so. It stops when somebody asks.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_while<T>(
        cancel: &Cancel,
        work: impl FnOnce(&Self) -> T,
    ) -> Result<(Self, T), FindNixError> {
        let unknown = Self::locate(&std::env::var_os("PATH").unwrap_or_default())?;
        let unknown = unknown.cancelled_by(cancel);
        thread::scope(|scope| {
            let known = scope.spawn(|| unknown.identified());
            let done = work(&unknown);
            let known = match known.join() {
                Ok(known) => known?,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            Ok((known, done))
        })
    }

    /// Find the Nix in these folders, written as `PATH` is.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_in(search: &OsStr) -> Result<Self, FindNixError> {
        Self::locate(search)?.identified()
    }

    /// Find its programs and nothing else.
    fn locate(search: &OsStr) -> Result<Self, FindNixError> {
        let has = |folder: &PathBuf, program: &str| folder.join(program).is_file();
        let programs = std::env::split_paths(search)
            .find(|folder| has(folder, "nix") && has(folder, "nix-store"))
            .ok_or(FindNixError::Missing)?;
        Ok(Self {
            programs,
            implementation: Implementation::Nix,
            version: NixVersion::new(0, 0, 0),
            store: None,
            store_root: PathBuf::from("/"),
            cancel: Cancel::new(),
            configuration: Configuration::User,
            says: String::new(),
        })
    }

    /// The same Nix, which has said what it is.
    fn identified(&self) -> Result<Self, FindNixError> {
        let nix = self.programs.join("nix");
        let output = Command::new(&nix)
            .arg("--version")
            .output()
            .map_err(|source| FindNixError::Start {
                program: nix.clone(),
                source,
            })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let Some((implementation, version)) = version::parse(text.trim()) else {
            return Err(FindNixError::Broken {
                program: nix,
                said: (text + String::from_utf8_lossy(&output.stderr))
                    .trim()
                    .to_owned(),
            });
        };
        if implementation == Implementation::Nix && version < OLDEST {
            return Err(FindNixError::TooOld {
                program: nix,
                found: version,
            });
        }
        Ok(Self {
            implementation,
            version,
            says: text.lines().next().unwrap_or_default().trim().to_owned(),
            ..self.clone()
        })
    }

    /// The same Nix, asked about the store below the folder `root`.
    #[must_use]
    pub fn with_store_below(&self, root: &Path) -> Self {
        let mut store = OsString::from("local?root=");
        store.push(root);
        Self {
            store: Some(store),
            store_root: root.to_path_buf(),
            ..self.clone()
        }
    }

    /// The same Nix, which stops what it does when somebody asks.
    ///
    /// It runs in a process group of its own, so that ctrl-C at a terminal does not reach it
    /// unseen.
    #[must_use]
    pub fn cancelled_by(&self, cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            ..self.clone()
        }
    }

    /// The folder below which the store lies; `/` for the usual store.
    #[must_use]
    pub fn store_root(&self) -> &Path {
        &self.store_root
    }

    /// What `nix --version` prints.
    #[must_use]
    pub fn says(&self) -> &str {
        &self.says
    }

    /// Which program it is.
    #[must_use]
    pub const fn implementation(&self) -> Implementation {
        self.implementation
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> NixVersion {
        self.version
    }

    /// The settings in force for a command that is started with `overrides`.
    ///
    /// # Errors
    /// Nix fails or does not answer as expected.
    pub fn settings(&self, overrides: &[Setting]) -> Result<Settings, AskNixError> {
        let show = |words: &[&str]| {
            let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
            arguments.push("--json".into());
            arguments.extend(Self::experimental());
            arguments.extend(settings::arguments(overrides));
            self.ask("nix", &arguments, None)
        };
        // The first name is that of 2.20 and later, the second that of 2.18 and of older Lix.
        let answer = match show(&["config", "show"]) {
            Err(AskNixError::Failed { .. }) => show(&["show-config"])?,
            other => other?,
        };
        Settings::parse(&answer).ok_or_else(|| AskNixError::Answer {
            command: "nix config show --json".to_owned(),
        })
    }

    /// The settings of the system, without the user's and without any override: what a daemon has
    /// if it was started since the system's configuration changed.
    pub(crate) fn system_settings(&self) -> Result<Settings, AskNixError> {
        let system = Self {
            configuration: Configuration::System,
            ..self.clone()
        };
        system.settings(&[])
    }

    /// Options that switch on what flakes need, whatever the configuration says.
    pub(crate) fn experimental() -> [OsString; 2] {
        [
            "--extra-experimental-features".into(),
            "nix-command flakes".into(),
        ]
    }

    /// Run a program of Nix and return its standard output.
    pub(crate) fn ask(
        &self,
        program: &str,
        arguments: &[OsString],
        feed: Option<Feed<'_>>,
    ) -> Result<Vec<u8>, AskNixError> {
        self.ask_on(&self.leash(), program, arguments, feed)
    }

    /// No limit but the request to stop.
    pub(crate) fn leash(&self) -> Leash {
        Leash {
            timeout: None,
            cancel: self.cancel.clone(),
            orphan: Orphan::Lives,
            disks: Vec::new(),
        }
    }

    /// As [`ask`](Self::ask), on a leash.
    pub(crate) fn ask_on(
        &self,
        leash: &Leash,
        program: &str,
        arguments: &[OsString],
        feed: Option<Feed<'_>>,
    ) -> Result<Vec<u8>, AskNixError> {
        let mut said = std::collections::VecDeque::new();
        let mut command = self.command(program, arguments);
        let finished = process::run(&mut command, leash, feed, &mut |line| {
            if said.len() == KEPT_LINES {
                said.pop_front();
            }
            said.push_back(plain(&String::from_utf8_lossy(line)));
        })
        .map_err(|source| AskNixError::Start {
            command: program.to_owned(),
            source,
        })?;
        match finished.ended {
            Ended::Exited(status) if status.success() => Ok(finished.stdout),
            Ended::Exited(status) => Err(AskNixError::Failed {
                command: process::shown(OsStr::new(program), arguments),
                code: process::code(status),
                said: Vec::from(said).join("\n"),
            }),
            Ended::Cancelled | Ended::TimedOut | Ended::DiskFull => Err(AskNixError::Cancelled),
        }
    }

    /// A command of this Nix, for this store, that speaks English and no colours.
    pub(crate) fn command(&self, program: &str, arguments: &[OsString]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments);
        // Behind the arguments, because the first one of `nix` names its subcommand.
        if let Some(store) = &self.store {
            command.arg("--store").arg(store);
        }
        command.env("LC_ALL", "C").env("NO_COLOR", "1");
        command.env_remove("NIX_LOG_FD");
        if self.configuration == Configuration::System {
            command
                .env("NIX_USER_CONF_FILES", "")
                .env_remove("NIX_CONFIG");
        }
        command
    }
}
