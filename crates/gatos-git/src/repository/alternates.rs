//! Object directories that a repository borrows from: only those that the caller allows.

use std::path::{Path, PathBuf};

use super::OpenError;
use super::open::read_optional;

/// Longest chain of object directories that borrow from each other.
const MAX_CHAIN: usize = 5;

/// Refuse every object directory that `objects` borrows from, directly or through another, unless
/// it is in `allowed`.
pub(super) fn check_alternates(objects: &Path, allowed: &[PathBuf]) -> Result<(), OpenError> {
    let mut pending = vec![(objects.to_owned(), 0)];
    while let Some((objects, depth)) = pending.pop() {
        let file = objects.join("info/alternates");
        let text = match read_optional(&file) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(_) => return Err(OpenError::Alternates { file }),
        };
        if depth == MAX_CHAIN {
            return Err(OpenError::Alternates { file });
        }
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let alternate = objects.join(line);
            let Ok(real) = alternate.canonicalize() else {
                return Err(OpenError::Alternate { alternate, file });
            };
            if !allowed.contains(&real) {
                return Err(OpenError::Alternate { alternate, file });
            }
            pending.push((real, depth + 1));
        }
    }
    Ok(())
}
