//! The key that people sign with: an OpenSSH key file, or a key in an SSH agent.
//!
//! A key is chosen by a *selector*: the path of a private key file; `agent` for the only Ed25519 key that
//! the agent holds; `agent:` and a fingerprint or a comment; or a public key, as text or as the path of
//! its file, whose private half the agent holds. Without a selector the Git setting `gatos.signingKey` is
//! one, and without that the file `~/.ssh/id_ed25519` is used.

mod agent;
mod create;
mod error;
mod file;
mod keyring;
#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::path::{Path, PathBuf};

use gatos_core::keys::{PublicKey, Signer};

use crate::error::{Context, Error, ErrorKind};

pub use self::error::{AgentError, KeyError};
pub use self::keyring::Keyring;

/// The Git setting that names the key.
pub const SETTING: &str = "gatos.signingKey";

/// A key that is ready to sign, and where it is.
pub struct OpenSigner {
    signer: Box<dyn Signer + Send + Sync>,
    origin: Origin,
}

/// Where a key is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// In a file
    File {
        /// Its path
        path: PathBuf,
    },
    /// In an SSH agent
    Agent {
        /// What the agent calls it
        comment: String,
    },
}

/// A key as it is shown.
#[derive(Clone, Debug, serde::Serialize)]
pub struct KeyView {
    /// The fingerprint, as `ssh-keygen -l` prints it
    pub fingerprint: String,
    /// The public key, as a line of OpenSSH
    pub openssh: String,
    /// Where the private key is: a path, or `agent` and what the agent calls it
    pub origin: String,
}

/// Open the key that `selector` names, or the usual one; `passphrase` is asked for the one of a file.
///
/// # Errors
/// No such key, a file that others can read or change, a wrong passphrase, or an agent that fails.
pub fn open(
    selector: Option<&str>,
    passphrase: &dyn Fn(&Path) -> Option<String>,
) -> Result<OpenSigner, Error> {
    let configured = gatos_git::setting(Path::new("."), SETTING);
    Ok(Keyring::of_environment(configured, passphrase).open(selector)?)
}

/// Make a new key: an OpenSSH file that only its owner can read, and its public half beside it.
///
/// # Errors
/// A file that is there already, or that cannot be written.
pub fn create(path: &Path) -> Result<OpenSigner, Error> {
    let path = keyring::expanded(path, std::env::home_dir().as_deref());
    Ok(create::create(&path, crate::clock::random()?)?)
}

/// Make `selector` the key of the repository that `folder` is in, for the commands to come.
///
/// # Errors
/// Git refuses.
pub fn remember(folder: &Path, selector: &str) -> Result<(), Error> {
    let failed = |e| {
        let message = format!("the setting `{SETTING}` was not written");
        Error::new(crate::ErrorKind::Failed, message).with_source(e)
    };
    gatos_git::set_setting(folder, SETTING, selector).map_err(failed)
}

/// The file of the key, if it stands in the work tree that `folder` is in and Git has it, or `git add
/// --all` would take it: then it is soon everybody's.
#[must_use]
pub fn exposed_file(folder: &Path, signer: &OpenSigner) -> Option<PathBuf> {
    match &signer.origin {
        Origin::File { path } => {
            let path = path.canonicalize().ok()?;
            gatos_git::is_open_to_git(folder, &path).then_some(path)
        }
        Origin::Agent { .. } => None,
    }
}

/// The public key that a text is, or that is in the file of that path.
///
/// # Errors
/// Neither.
pub fn parse_public(text: &str) -> Result<PublicKey, Error> {
    let read = || file::read_public(Path::new(text)).ok().flatten();
    text.parse()
        .or_else(|error| read().ok_or(error))
        .context(ErrorKind::Usage, || "no public key".to_owned())
        .map_err(|e| e.with_hint("give the line in a `.pub` file, or the path of that file"))
}

/// What is to be said of a key.
#[must_use]
pub fn describe(signer: &OpenSigner) -> KeyView {
    let key = signer.public_key();
    KeyView {
        fingerprint: key.fingerprint().to_string(),
        openssh: key.to_string(),
        origin: match &signer.origin {
            Origin::File { path } => path.display().to_string(),
            Origin::Agent { comment } => format!("agent:{comment}"),
        },
    }
}

impl OpenSigner {
    /// Where the private key is.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Deref for OpenSigner {
    type Target = dyn Signer + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.signer
    }
}

impl std::fmt::Debug for OpenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenSigner")
            .field("key", &self.public_key())
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
