//! Why there is no key to sign with, and what helps.

use std::io;
use std::path::PathBuf;

use gatos_core::keys::{Fingerprint, SecretKeyError, SignerFailure};

use crate::error::{Error, ErrorKind};

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nobody said which key, and the usual file is not there
    #[error("there is no key to sign with: `{looked_at}` does not exist")]
    Unchosen {
        /// The usual file
        looked_at: PathBuf,
    },
    /// No file of that name
    #[error("the key file `{path}` does not exist")]
    NoFile {
        /// The path
        path: PathBuf,
    },
    /// A file that cannot be read or written
    #[error("the key file `{path}` cannot be used")]
    File {
        /// The path
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// A path that leads elsewhere
    #[error("the key file `{path}` is a symbolic link")]
    Link {
        /// The path
        path: PathBuf,
    },
    /// Something else than a file of a plausible size
    #[error("`{path}` is not a key file")]
    NotAFile {
        /// The path
        path: PathBuf,
    },
    /// A file that others can read or change
    #[error("others can use the key file `{path}`: its mode is {mode:04o}")]
    Mode {
        /// The path
        path: PathBuf,
        /// Its permissions
        mode: u32,
    },
    /// A file of somebody else
    #[error("the key file `{path}` belongs to another user ({owner})")]
    Owner {
        /// The path
        path: PathBuf,
        /// Number of its owner
        owner: u32,
    },
    /// A folder in which anybody can put another file in the key's place
    #[error("anybody can replace the key file `{path}`: its folder is writable by all")]
    Folder {
        /// The path
        path: PathBuf,
    },
    /// A file that is no private key of ours
    #[error("the key file `{path}` cannot be used")]
    Secret {
        /// The path
        path: PathBuf,
        /// Why
        source: SecretKeyError,
    },
    /// A file that would be overwritten
    #[error("`{path}` exists already")]
    Exists {
        /// The path
        path: PathBuf,
    },
    /// An SSH agent that does not answer as it should
    #[error("the SSH agent cannot be used")]
    Agent {
        /// Why
        source: AgentError,
    },
    /// An agent without the key
    #[error("the SSH agent does not hold the key `{wanted}`")]
    NotHeld {
        /// What was asked for
        wanted: String,
        /// What it holds
        held: Vec<Fingerprint>,
    },
    /// An agent with several keys that fit
    #[error("the SSH agent holds {} keys that fit", held.len())]
    Ambiguous {
        /// These
        held: Vec<Fingerprint>,
    },
}

/// What is wrong with an SSH agent.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody said where it is
    #[error("no agent is running: SSH_AUTH_SOCK is not set")]
    Unset,
    /// Nothing answers there
    #[error("nothing answers at `{socket}`")]
    Unreachable {
        /// Where
        socket: PathBuf,
        /// Why
        source: io::Error,
    },
    /// It was reached and then failed
    #[error(transparent)]
    Failed {
        /// How
        source: SignerFailure,
    },
}

impl KeyError {
    fn hint(&self) -> Option<String> {
        let list = |held: &[Fingerprint]| {
            let held: Vec<_> = held.iter().map(ToString::to_string).collect();
            held.join(", ")
        };
        Some(match self {
            Self::Unchosen { .. } => "`gatos init --new-key ~/.ssh/gatos` makes a key; \
                 `git config gatos.signingKey FILE` chooses one"
                .to_owned(),
            Self::NoFile { .. } => {
                "give the path of an OpenSSH private key, `agent`, or `agent:` and a fingerprint"
                    .to_owned()
            }
            Self::Link { .. } => "name the file that it leads to".to_owned(),
            Self::Mode { path, .. } => format!("chmod 600 {}", path.display()),
            Self::Folder { path } => {
                let folder = path.parent().unwrap_or(path);
                format!("chmod o-w {}", folder.display())
            }
            Self::Secret {
                path,
                source: SecretKeyError::PassphraseNeeded | SecretKeyError::PassphraseWrong,
            } => format!(
                "or add it to an agent (`ssh-add {}`) and use `--key agent`",
                path.display()
            ),
            Self::Exists { path } if path.extension().is_some_and(|end| end == "pub") => {
                "choose another name, or move that file away".to_owned()
            }
            Self::Exists { path } => format!(
                "if it is your key, sign with it: `--key {}` instead of --new-key; else choose \
                 another name",
                path.display()
            ),
            Self::Agent {
                source: AgentError::Unset,
            } => "start one with `eval $(ssh-agent)` and `ssh-add`, or give a key file".to_owned(),
            Self::NotHeld { held, .. } if held.is_empty() => {
                "it holds no Ed25519 key: `ssh-add FILE` adds one".to_owned()
            }
            Self::NotHeld { held, .. } => format!("it holds {}", list(held)),
            Self::Ambiguous { held } => format!("choose one with `agent:`: {}", list(held)),
            _ => return None,
        })
    }

    const fn kind(&self) -> ErrorKind {
        match self {
            Self::Unchosen { .. }
            | Self::NoFile { .. }
            | Self::NotAFile { .. }
            | Self::Exists { .. }
            | Self::NotHeld { .. }
            | Self::Ambiguous { .. } => ErrorKind::Usage,
            _ => ErrorKind::Failed,
        }
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let (kind, hint) = (error.kind(), error.hint());
        let message = error.to_string();
        let mut facade = Self::new(kind, message);
        facade = match error {
            KeyError::File { source, .. } => facade.with_source(source),
            KeyError::Secret { source, .. } => facade.with_source(source),
            KeyError::Agent { source } => facade.with_source(source),
            _ => facade,
        };
        match hint {
            Some(hint) => facade.with_hint(hint),
            None => facade,
        }
    }
}
