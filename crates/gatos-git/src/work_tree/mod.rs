//! The files that people work on, as far as Git says something of them.

use std::path::Path;
use std::process::{Command, Stdio};

/// The files that Git knows and does not have as they are, by path from the top of the work tree, in
/// Git's order: changed, added, renamed or removed since the last commit. What Git does not know at
/// all is not among them.
///
/// For messages: `None` where Git cannot be asked or does not answer.
#[must_use]
pub fn changed_files(folder: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["status", "--porcelain=v1", "-z"])
        .args(["--untracked-files=no", "--no-renames"])
        // Only to look: the index is not written, and its lock not taken.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // Two letters, a space, and the path.
    let paths = text.split('\0').filter_map(|entry| entry.get(3..));
    Some(paths.map(str::to_owned).collect())
}

/// Whether a file is in the work tree that `folder` is in, and Git has it already or `git add --all`
/// would take it. `false`, too, where Git cannot be asked.
#[must_use]
pub fn is_open_to_git(folder: &Path, file: &Path) -> bool {
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["check-ignore", "--quiet", "--"])
        .arg(file)
        .stderr(Stdio::null())
        .status();
    // 0 is an ignored file, 128 one outside, or no work tree.
    status.is_ok_and(|status| status.code() == Some(1))
}
