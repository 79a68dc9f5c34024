//! The Nix of this machine: which one it is, and how it is asked.

mod error;
mod message;
mod settings;
mod signatures;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_core::job::NarDigest;

pub use self::error::{AskNixError, FindNixError};
pub(crate) use self::message::{Event, Messages, plain};
pub(crate) use self::settings::arguments;
pub use self::settings::{Setting, Settings};
pub use self::version::{Implementation, NixVersion};
use crate::process::{self, Cancel, Ended, Feed, Leash};
use crate::store_path::StorePath;

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
}

/// What Nix has on record about a store path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// The hash that the path had when it was registered; its bytes may be others by now
    pub nar: NarDigest,
    /// The store paths that it refers to, itself among them if it does
    pub references: BTreeSet<StorePath>,
    /// The derivation that made it, if Nix knows
    pub deriver: Option<StorePath>,
}

impl Nix {
    /// Find the Nix that `PATH` names.
    ///
    /// # Errors
    /// None there, one older than 2.18, or one that does not start; the message says what to do.
    pub fn find() -> Result<Self, FindNixError> {
        Self::find_in(&std::env::var_os("PATH").unwrap_or_default())
    }

    /// Find the Nix in these folders, written as `PATH` is.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_in(search: &OsStr) -> Result<Self, FindNixError> {
        let has = |folder: &PathBuf, program: &str| folder.join(program).is_file();
        let programs = std::env::split_paths(search)
            .find(|folder| has(folder, "nix") && has(folder, "nix-store"))
            .ok_or(FindNixError::Missing)?;
        let nix = programs.join("nix");
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
            programs,
            implementation,
            version,
            store: None,
            store_root: PathBuf::from("/"),
            cancel: Cancel::new(),
            says: text.lines().next().unwrap_or_default().trim().to_owned(),
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
    /// It runs in a process group of its own, so that ctrl-C at a terminal does not reach it unseen.
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

    /// What Nix has on record about these store paths; a path that is not valid is left out.
    ///
    /// # Errors
    /// Nix fails or does not answer as expected.
    pub fn registrations(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeMap<StorePath, Registration>, AskNixError> {
        let mut found = BTreeMap::new();
        let paths: Vec<_> = paths.iter().collect();
        for some in paths.chunks(512) {
            found.extend(self.registrations_of(some)?);
        }
        Ok(found)
    }

    fn registrations_of(
        &self,
        paths: &[&StorePath],
    ) -> Result<BTreeMap<StorePath, Registration>, AskNixError> {
        // A path that does not exist cannot be valid, and this saves a process in the usual case.
        let there: Vec<_> = paths
            .iter()
            .filter(|path| path.below(&self.store_root).symlink_metadata().is_ok())
            .collect();
        if there.is_empty() {
            return Ok(BTreeMap::new());
        }
        let list = |option: &str, paths: &[OsString]| {
            let mut arguments = vec![option.into()];
            arguments.extend(paths.iter().cloned());
            arguments
        };
        let mut wanted: Vec<OsString> = there.iter().map(|p| p.to_string().into()).collect();
        let answer = match self.ask("nix-store", &list("--dump-db", &wanted), None) {
            Err(AskNixError::Failed { .. }) => {
                // One of them is there but not valid. Nix tells which.
                let mut arguments = list("--check-validity", &[]);
                arguments.push("--print-invalid".into());
                arguments.extend(wanted.iter().cloned());
                let invalid = self.ask("nix-store", &arguments, None)?;
                let invalid = String::from_utf8_lossy(&invalid).into_owned();
                wanted.retain(|path| !invalid.lines().any(|line| OsStr::new(line) == path));
                if wanted.is_empty() {
                    return Ok(BTreeMap::new());
                }
                self.ask("nix-store", &list("--dump-db", &wanted), None)?
            }
            other => other?,
        };
        parse_registrations(&answer).ok_or_else(|| AskNixError::Answer {
            command: "nix-store --dump-db".to_owned(),
        })
    }

    /// Add a file or folder to the store as a source (recursive SHA-256), as `builtins.path` does.
    ///
    /// # Errors
    /// Nix fails, or gives the path another name than its bytes demand.
    pub fn add_to_store(&self, path: &Path) -> Result<StorePath, AskNixError> {
        let answer = self.ask("nix-store", &["--add".into(), path.into()], None)?;
        let answer = String::from_utf8_lossy(&answer);
        answer.trim().parse().map_err(|_| AskNixError::Answer {
            command: "nix-store --add".to_owned(),
        })
    }

    /// The paths that these refer to, directly or not, they themselves among them.
    ///
    /// # Errors
    /// Nix fails, for instance because a path is not valid.
    pub fn requisites(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeSet<StorePath>, AskNixError> {
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut arguments: Vec<OsString> = vec!["--query".into(), "--requisites".into()];
        arguments.extend(paths.iter().map(|path| path.to_string().into()));
        let answer = self.ask("nix-store", &arguments, None)?;
        String::from_utf8_lossy(&answer)
            .lines()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| AskNixError::Answer {
                command: "nix-store --query --requisites".to_owned(),
            })
    }

    /// The names of the keys that signed these paths, as far as Nix tells.
    pub(crate) fn signers(
        &self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeMap<StorePath, BTreeSet<String>>, AskNixError> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut arguments: Vec<OsString> = vec!["path-info".into(), "--json".into()];
        arguments.extend(Self::experimental());
        arguments.extend(paths.iter().map(|path| path.to_string().into()));
        Ok(signatures::parse(&self.ask("nix", &arguments, None)?))
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
            Ended::Cancelled | Ended::TimedOut => Err(AskNixError::Cancelled),
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
        command
    }
}

/// Read the answer of `nix-store --dump-db`: path, hash, size, deriver, count, references.
fn parse_registrations(answer: &[u8]) -> Option<BTreeMap<StorePath, Registration>> {
    let text = std::str::from_utf8(answer).ok()?;
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(path) = lines.next() {
        let path = path.parse().ok()?;
        let sha256 = parse_hex(lines.next()?)?;
        let size = lines.next()?.parse().ok()?;
        let deriver = match lines.next()? {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        let count: usize = lines.next()?.parse().ok()?;
        let references = lines
            .by_ref()
            .take(count)
            .map(|line| line.parse().ok())
            .collect::<Option<BTreeSet<_>>>()?;
        let registration = Registration {
            nar: NarDigest { sha256, size },
            references,
            deriver,
        };
        found.insert(path, registration);
    }
    Some(found)
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    let mut digest = [0; 32];
    if bytes.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        let value = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(digest)
}
