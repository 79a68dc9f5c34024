//! What Git says of names and of other repositories.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

use super::apply::git;
use crate::name::FullName;
use crate::object::ObjectId;
use crate::repository::Repository;

/// Why Git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Git could not be started
    #[error("cannot start `git`")]
    Start {
        /// Why
        #[source]
        source: io::Error,
    },
    /// Git refused
    #[error("git: {}", said.trim())]
    Refused {
        /// What Git said
        said: String,
    },
}

/// The object that a revision names here, as `git rev-parse --verify` has it.
///
/// # Errors
/// [`RemoteError`]: it names nothing.
pub fn resolve(repository: &Repository, revision: &str) -> Result<ObjectId, RemoteError> {
    let mut command = git(repository);
    command.args([
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        revision,
    ]);
    let said = answer(&mut command)?;
    said.trim()
        .parse()
        .map_err(|_| RemoteError::Refused { said })
}

/// The branch that is checked out.
#[must_use]
pub fn checked_out(repository: &Repository) -> Option<String> {
    let mut command = git(repository);
    command.args(["symbolic-ref", "--quiet", "HEAD"]);
    let said = answer(&mut command).ok()?;
    Some(said.trim().to_owned())
}

/// The refs of another repository, by its address or the name of a remote, and the commit of its `HEAD`.
///
/// # Errors
/// [`RemoteError`]: it cannot be reached.
pub fn remote_refs(
    repository: &Repository,
    remote: &str,
) -> Result<(BTreeMap<FullName, ObjectId>, Option<ObjectId>), RemoteError> {
    // Whoever asks has an agent and settings of their own, which Git needs to reach it.
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(repository.work_tree().unwrap_or(repository.git_dir()))
        .args(["ls-remote", "--quiet", "--", remote]);
    let said = answer(&mut command)?;
    let (mut refs, mut head) = (BTreeMap::new(), None);
    for line in said.lines() {
        let Some((id, name)) = line.split_once('\t') else {
            continue;
        };
        if name == "HEAD" {
            head = id.parse().ok();
        }
        // `HEAD` and peeled tags are no refs of their own.
        if let (Ok(id), Ok(name)) = (id.parse(), name.parse()) {
            refs.insert(name, id);
        }
    }
    Ok((refs, head))
}

pub(super) fn answer(command: &mut Command) -> Result<String, RemoteError> {
    let output = command
        .output()
        .map_err(|source| RemoteError::Start { source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(RemoteError::Refused { said })
}
