//! What Git is told about paths: the repository's own file `info/attributes`, which is nobody's content.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::repository::Repository;

/// The line that keeps Git from looking for similar content in other batches of a journal.
///
/// A batch is mostly signatures and ids, of which no two have anything in common. Searching for it takes
/// `git push` and `git gc` ten times as long as everything else that they do with a batch.
const WHOLE: &str = "/batch -delta";

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be written", path.display())]
pub struct AttributesError {
    /// The file
    pub path: PathBuf,
    /// Why
    #[source]
    pub source: io::Error,
}

/// Have Git pack the batches of journals as they are. What the file says already stays.
///
/// # Errors
/// [`AttributesError`]: the file cannot be read or written.
pub fn pack_batches_whole(repository: &Repository) -> Result<(), AttributesError> {
    let folder = repository.common_dir().join("info");
    let path = folder.join("attributes");
    let write = || {
        let mut text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut lines = text.split(|byte| *byte == b'\n');
        if lines.any(|line| line == WHOLE.as_bytes()) {
            return Ok(());
        }
        if text.last().is_some_and(|last| *last != b'\n') {
            text.push(b'\n');
        }
        text.extend_from_slice(WHOLE.as_bytes());
        text.push(b'\n');
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(&folder)?;
        file.write_all(&text)?;
        file.persist(&path)?;
        Ok(())
    };
    write().map_err(|source| AttributesError { path, source })
}
