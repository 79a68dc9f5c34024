//! Why there is no Nix to work with, or why it does not answer.

use std::io;
use std::path::PathBuf;

use super::version::NixVersion;

/// Why no usable Nix was found.
#[derive(Debug, thiserror::Error)]
pub enum FindNixError {
    /// Nothing of that name
    #[error(
        "Nix is not installed: install Nix 2.18 or newer, or Lix, from \
            https://nixos.org/download (in a checkout of GATOS on Debian, `cargo xtask setup` \
            does it)"
    )]
    Missing,
    /// One that is too old
    #[error("`{}` is Nix {found}, which is older than {}: install a newer one from \
        https://nixos.org/download", program.display(), super::OLDEST)]
    TooOld {
        /// The program
        program: PathBuf,
        /// Its version
        found: NixVersion,
    },
    /// A program that does not answer as Nix does
    #[error("`{} --version` does not answer as Nix does but with `{said}`", program.display())]
    Broken {
        /// The program
        program: PathBuf,
        /// What it printed
        said: String,
    },
    /// A program that does not start
    #[error("`{}` does not start", program.display())]
    Start {
        /// The program
        program: PathBuf,
        /// Why
        #[source]
        source: io::Error,
    },
}

/// Why Nix did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskNixError {
    /// It could not be started, or a pipe to it broke
    #[error("cannot run `{command}`")]
    Start {
        /// The program
        command: String,
        /// Why
        #[source]
        source: io::Error,
    },
    /// It failed
    #[error("`{command}` failed with exit code {code}:\n{said}")]
    Failed {
        /// The command line
        command: String,
        /// The exit code
        code: i32,
        /// The end of what it said
        said: String,
    },
    /// It answered in a form that is not known
    #[error("`{command}` gave an answer that this version of GATOS does not understand")]
    Answer {
        /// The command
        command: String,
    },
    /// Somebody asked to stop
    #[error("cancelled")]
    Cancelled,
}
