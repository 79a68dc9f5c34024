//! What people told Git about themselves, such as which key to sign with.

mod attributes;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use self::attributes::{AttributesError, pack_batches_whole};
use crate::failure::GitFailure;
use crate::repository::Repository;

/// The value that `git config --get KEY` gives in `folder`; none where nobody set it.
///
/// The repository's own file, the user's, the machine's and the `GIT_CONFIG_…` variables count, as
/// for Git. [`Repository`](crate::Repository) itself reads only the repository's, so that what is
/// verified does not depend on who verifies.
#[must_use]
pub fn setting(folder: &Path, key: &str) -> Option<String> {
    let value = match gix::discover(folder) {
        Ok(repository) => repository
            .config_snapshot()
            .string(key)
            .map(|v| v.to_string()),
        Err(_) => {
            let mut file = gix::config::File::from_globals().ok()?;
            let overrides = gix::config::File::from_environment_overrides().ok()?;
            file.append(overrides).ok()?;
            file.string(key).map(|v| v.to_string())
        }
    };
    value.filter(|value| !value.is_empty())
}

/// The names of the remotes that the repository at `folder` has, `origin` first; none where there is
/// no repository.
#[must_use]
pub fn remotes(folder: &Path) -> Vec<String> {
    let Ok(repository) = gix::discover(folder) else {
        return Vec::new();
    };
    let names = repository.remote_names();
    let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    names.sort_by_key(|name| name != "origin");
    names
}

/// The values of a setting in the repository's own file, and nothing of the user, the machine or the
/// environment.
///
/// # Errors
/// [`ReadSettingError`]: the file cannot be read or is no configuration of Git's.
pub fn own(repository: &Repository, key: &str) -> Result<Vec<String>, ReadSettingError> {
    let path = repository.common_dir().join("config");
    let file = gix::config::File::from_path_no_includes(path.clone(), gix::config::Source::Local)
        .map_err(|error| ReadSettingError {
        path,
        source: GitFailure::new(error),
    })?;
    let values = file.strings(key).unwrap_or_default();
    Ok(values.into_iter().map(|value| value.to_string()).collect())
}

/// Why the repository's own settings could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read", path.display())]
pub struct ReadSettingError {
    /// The file
    pub path: PathBuf,
    /// Why
    #[source]
    pub source: GitFailure,
}

/// Why a setting was not written.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// Git could not be started
    #[error("cannot start `git config`")]
    Start {
        /// Why
        #[source]
        source: io::Error,
    },
    /// Git refused
    #[error("`git config` refused: {}", said.trim())]
    Refused {
        /// What Git said
        said: String,
    },
}

/// Write a setting into the repository's own file, as `git config --local KEY VALUE` does.
///
/// # Errors
/// [`SetError`]: Git is not there, or refuses.
pub fn set(folder: &Path, key: &str, value: &str) -> Result<(), SetError> {
    config(folder, &["--replace-all", key, value])
}

fn config(folder: &Path, arguments: &[&str]) -> Result<(), SetError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["config", "--local"])
        .args(arguments)
        // Either would make it another repository's file.
        .env_remove("GIT_DIR")
        .env_remove("GIT_COMMON_DIR")
        .env_remove("GIT_CONFIG")
        .output()
        .map_err(|source| SetError::Start { source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(SetError::Refused { said })
}
