//! Telling the disk: files first, then the directories that name them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::TransactionError;

/// Synchronise one file.
pub(super) fn file(file: &File, path: &Path) -> Result<(), TransactionError> {
    file.sync_all().map_err(|source| TransactionError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Synchronise directories, deepest names first.
pub(super) fn directories(paths: &BTreeSet<PathBuf>) -> Result<(), TransactionError> {
    for path in paths.iter().rev() {
        File::open(path)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| TransactionError::Io {
                path: path.clone(),
                source,
            })?;
    }
    Ok(())
}
