//! From a selector to a key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gatos_core::keys::PublicKey;

use super::agent::{Agent, HeldKey};
use super::file::{self, Content};
use super::{AgentError, KeyError, OpenSigner, Origin};

/// How long an agent may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The usual key file, below the home directory.
const USUAL_FILE: &str = ".ssh/id_ed25519";

/// Where keys are looked for.
pub struct Keyring<'a> {
    /// The selector that people set as their usual one
    pub configured: Option<String>,
    /// The socket of the SSH agent
    pub agent: Option<PathBuf>,
    /// The home directory
    pub home: Option<PathBuf>,
    /// Asks for the passphrase of a key file; none where nobody can be asked
    pub passphrase: &'a dyn Fn(&Path) -> Option<String>,
    /// How long an agent may take for one answer
    pub patience: Duration,
}

impl<'a> Keyring<'a> {
    /// The keys of whoever runs this program: their home directory, and the agent at `SSH_AUTH_SOCK`.
    #[must_use]
    pub fn of_environment(
        configured: Option<String>,
        passphrase: &'a dyn Fn(&Path) -> Option<String>,
    ) -> Self {
        let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty());
        Self {
            configured,
            agent: socket.map(PathBuf::from),
            home: std::env::home_dir(),
            passphrase,
            patience: PATIENCE,
        }
    }

    /// Open the key that `selector` names; without one, the usual key.
    ///
    /// # Errors
    /// No such key, a file that others can read or change, a wrong passphrase, or an agent that fails.
    pub fn open(&self, selector: Option<&str>) -> Result<OpenSigner, KeyError> {
        match selector.or(self.configured.as_deref()) {
            Some(selector) => self.open_selected(selector),
            None => self.open_usual(),
        }
    }

    fn open_selected(&self, selector: &str) -> Result<OpenSigner, KeyError> {
        if selector == "agent" {
            return self.open_held(selector, |_| true);
        }
        if let Some(wanted) = selector.strip_prefix("agent:") {
            return self.open_held(wanted, |held| {
                held.comment == wanted || held.key.fingerprint().to_string() == wanted
            });
        }
        // Git writes a public key in a setting with this prefix.
        let public = selector.strip_prefix("key::").unwrap_or(selector);
        match public.parse() {
            Ok(key) => self.open_public(key),
            Err(_) => self.open_file(&expanded(Path::new(selector), self.home.as_deref())),
        }
    }

    fn open_usual(&self) -> Result<OpenSigner, KeyError> {
        let home = self.home.clone().unwrap_or_default();
        let path = home.join(USUAL_FILE);
        self.open_file(&path).map_err(|error| match error {
            KeyError::NoFile { path } => KeyError::Unchosen { looked_at: path },
            other => other,
        })
    }

    fn open_file(&self, path: &Path) -> Result<OpenSigner, KeyError> {
        match file::load(path, self.passphrase)? {
            Content::Public(key) => self.open_public(key),
            Content::Secret(key) => Ok(OpenSigner {
                signer: Box::new(key),
                origin: Origin::File {
                    path: path.to_owned(),
                },
            }),
        }
    }

    fn open_public(&self, key: PublicKey) -> Result<OpenSigner, KeyError> {
        self.open_held(&key.fingerprint().to_string(), |held| held.key == key)
    }

    fn open_held(
        &self,
        wanted: &str,
        fits: impl Fn(&HeldKey) -> bool,
    ) -> Result<OpenSigner, KeyError> {
        let agent = self.agent()?;
        let held = agent.keys().map_err(|source| KeyError::Agent { source })?;
        let all: Vec<_> = held.iter().map(|held| held.key.fingerprint()).collect();
        let mut fitting: Vec<_> = held.into_iter().filter(fits).collect();
        match (fitting.pop(), fitting.is_empty()) {
            (None, _) => Err(KeyError::NotHeld {
                wanted: wanted.to_owned(),
                held: all,
            }),
            (Some(HeldKey { key, comment }), true) => Ok(OpenSigner {
                signer: Box::new(agent.into_signer(key)),
                origin: Origin::Agent { comment },
            }),
            (Some(last), false) => {
                fitting.push(last);
                let held = fitting.iter().map(|held| held.key.fingerprint());
                Err(KeyError::Ambiguous {
                    held: held.collect(),
                })
            }
        }
    }

    fn agent(&self) -> Result<Agent, KeyError> {
        let socket = self.agent.clone().ok_or(KeyError::Agent {
            source: AgentError::Unset,
        })?;
        Ok(Agent::at(socket, self.patience))
    }
}

/// The path with `~/` replaced by the home directory, as in a shell.
pub(super) fn expanded(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}
