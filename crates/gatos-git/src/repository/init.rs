//! Making a repository.

use std::path::Path;

use super::{InitError, Repository};
use crate::failure::GitFailure;
use crate::object::ObjectFormat;

/// Whether a new repository has a work tree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layout {
    /// A work tree with a `.git` in it
    WorkTree,
    /// No work tree, as on a server
    Bare,
}

impl Repository {
    /// Make an ordinary SHA-1 repository with a work tree in `path`, which may have files in it.
    ///
    /// # Errors
    /// [`InitError`]: there is one already, or the directory cannot be written.
    pub fn init(path: impl AsRef<Path>) -> Result<Self, InitError> {
        Self::init_with(path, Layout::WorkTree, ObjectFormat::Sha1)
    }

    /// Make a repository of this layout and hash function.
    ///
    /// # Errors
    /// [`InitError`]: there is one already, or the directory cannot be written.
    pub fn init_with(
        path: impl AsRef<Path>,
        layout: Layout,
        format: ObjectFormat,
    ) -> Result<Self, InitError> {
        let path = path.as_ref();
        let dot_git = match layout {
            Layout::WorkTree => path.join(".git"),
            Layout::Bare => path.to_owned(),
        };
        if dot_git.join("HEAD").exists() {
            return Err(InitError::Exists {
                path: path.to_owned(),
            });
        }
        let kind = match layout {
            Layout::WorkTree => gix::create::Kind::WithWorktree,
            Layout::Bare => gix::create::Kind::Bare,
        };
        let options = gix::create::Options {
            object_hash: Some(format.to_gix()),
            ..Default::default()
        };
        gix::create::into(path, kind, options).map_err(|error| InitError::Git {
            path: path.to_owned(),
            source: GitFailure::new(error),
        })?;
        Ok(Self::open(path)?)
    }
}
