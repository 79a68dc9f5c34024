//! Beginning a study: a folder of files in a Git repository of its own.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use gatos_core::name::{NameError, StateName};
use serde::Serialize;

use crate::error::{Context, Error, ErrorKind};

/// The file that names the study, and how it does in the template.
const NAMING: (&str, &str) = ("experiment.nix", "name = \"my-study\";");
/// The name in the template.
const NAME: &str = "my-study";

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct NewReport {
    /// The folder
    pub folder: PathBuf,
    /// The files in it, relative to the folder
    pub files: Vec<String>,
    /// The study's name, which is the folder's if that can be one
    pub name: String,
    /// Why the study is not called as its folder is, if it is not
    pub name_refused: Option<String>,
}

/// Write `files` into a new folder and make it a Git repository. The study is called as the folder is,
/// where that can be a study's name.
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
    std::fs::create_dir_all(folder).or_failed(cannot)?;
    let (name, name_refused) = match name_of(&folder.canonicalize().or_failed(cannot)?) {
        Ok(name) => (name, None),
        Err(why) => (NAME.to_owned(), Some(why.to_string())),
    };
    for (file, bytes) in files {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).or_failed(cannot)?;
        std::fs::write(&path, named(file, bytes, &name)).or_failed(cannot)?;
    }
    gatos_git::Repository::init(folder).or_failed(cannot)?;
    let mut files: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    files.sort();
    Ok(NewReport {
        folder: folder.to_path_buf(),
        files,
        name,
        name_refused,
    })
}

/// The name of a folder, if a study can be called so: it stands in the names of its states, and
/// `mkExperiment` takes one level of such a name.
fn name_of(folder: &Path) -> Result<String, NameError> {
    let text = folder.file_name().unwrap_or_default().to_string_lossy();
    let name: StateName = text.parse()?;
    Ok(name.to_string())
}

/// A file of the template, with the study's name in the place of the template's.
fn named<'b>(file: &str, bytes: &'b [u8], name: &str) -> Cow<'b, [u8]> {
    let (naming, line) = NAMING;
    match std::str::from_utf8(bytes) {
        Ok(text) if file == naming => {
            let text = text.replacen(line, &line.replace(NAME, name), 1);
            Cow::Owned(text.into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}
