//! What people told Git about themselves, such as which key to sign with.

use std::path::Path;

/// The value that `git config --get KEY` gives in `folder`; none where nobody set it.
///
/// The repository's own file, the user's, the machine's and the `GIT_CONFIG_…` variables count, as for
/// Git. [`Repository`](crate::Repository) itself reads only the repository's, so that what is verified
/// does not depend on who verifies.
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
