//! The text files of the checkout, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Folders that are products, not sources.
const SKIPPED: [&str; 4] = ["target", "result", "__pycache__", "node_modules"];

/// A text file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its path from the root, with `/`
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The folder that it is in, from the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its name without folder and ending.
    pub(crate) fn stem(&self) -> &str {
        let name = self
            .path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, n)| n);
        name.split_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// All text files, sorted by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// The checkout that these tests are of.
    pub(crate) fn checkout() -> &'static Self {
        static CHECKOUT: OnceLock<Tree> = OnceLock::new();
        CHECKOUT.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let mut paths = Vec::new();
            collect(&root, &mut paths);
            let mut files: Vec<File> = paths
                .into_iter()
                .filter_map(|path| read(&root, &path))
                .collect();
            files.sort_by(|a, b| a.path.cmp(&b.path));
            assert!(files.len() > 100, "this is no checkout");
            Self { files }
        })
    }

    /// A tree of these files, for showing that a rule can fail.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    pub(crate) fn with_ending(&self, ending: &str) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(move |file| file.path.ends_with(ending))
    }

    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder))
    }

    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The text of a file, empty if it is not there.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.find(path).map_or("", |file| file.text.as_str())
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().unwrap();
        if SKIPPED.contains(&name.as_str()) || name == ".git" || name.starts_with("result-") {
            continue;
        }
        if kind.is_dir() {
            collect(&entry.path(), paths);
        } else if kind.is_file() {
            paths.push(entry.path());
        }
    }
}

/// A text file; nothing for one that is not UTF-8.
fn read(root: &Path, path: &Path) -> Option<File> {
    let text = String::from_utf8(fs::read(path).ok()?).ok()?;
    let path = path.strip_prefix(root).ok()?.to_str()?.to_owned();
    Some(File { path, text })
}
