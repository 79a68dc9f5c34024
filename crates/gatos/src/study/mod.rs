//! Beginning a study: a folder of files in a Git repository of its own.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Context, Error, ErrorKind};

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct NewReport {
    /// The folder
    pub folder: PathBuf,
    /// The files in it, relative to the folder
    pub files: Vec<String>,
}

/// Write `files` into a new folder and make it a Git repository.
///
/// # Errors
/// A folder that is there and not empty, or that cannot be written.
pub fn create(folder: &Path, files: &[(&str, &[u8])]) -> Result<NewReport, Error> {
    let shown = folder.display();
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || folder.is_file() {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("`{shown}` is there and not empty"),
        )
        .with_hint("name a folder that does not exist yet"));
    }
    let cannot = || format!("cannot write the study to `{shown}`");
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).or_failed(cannot)?;
        std::fs::write(&path, bytes).or_failed(cannot)?;
    }
    gatos_git::Repository::init(folder).or_failed(cannot)?;
    let mut files: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    files.sort();
    Ok(NewReport {
        folder: folder.to_path_buf(),
        files,
    })
}
