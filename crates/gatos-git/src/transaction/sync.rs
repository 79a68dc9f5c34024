//! Telling the disk, and waiting once for many files and directories.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};

use super::pool::Help;
use super::whole;
use crate::repository::{DirectoryIdentity, Repository};

/// Files and directories that are to be synchronised together.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    repository: &'a Repository,
    files: Vec<(File, PathBuf)>,
    directories: BTreeSet<PathBuf>,
    /// Directories whose own names will be on the disk when all of this is
    settling: Vec<(PathBuf, DirectoryIdentity)>,
}

/// A file or directory that could not be synchronised. It must not be tried again: the kernel
/// reports a lost write once.
#[derive(Debug)]
pub(crate) struct SyncFailure {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(repository: &'a Repository) -> Self {
        Self {
            repository,
            files: Vec::new(),
            directories: BTreeSet::new(),
            settling: Vec::new(),
        }
    }

    /// Add an open file that lies, or will lie, at `path`.
    pub(crate) fn file(&mut self, file: File, path: &Path) {
        self.files.push((file, path.to_owned()));
    }

    /// Add a directory in which a name was made or taken away.
    pub(crate) fn directory(&mut self, path: &Path) {
        if !self.directories.contains(path) {
            self.directories.insert(path.to_owned());
        }
    }

    /// Add a directory in which a name was made, and those above it up to `root` in which its own
    /// name, or that of one of them, may not be on the disk yet: whoever made it may have died.
    pub(super) fn directory_below(&mut self, path: &Path, root: &Path) {
        self.directory(path);
        let mut path = path;
        while path != root
            && path.starts_with(root)
            && let Some(above) = path.parent()
        {
            let identity = DirectoryIdentity::of(path);
            if identity.is_some_and(|identity| self.repository.is_settled(path, identity)) {
                return;
            }
            self.directory(above);
            self.settling
                .extend(identity.map(|identity| (path.to_owned(), identity)));
            path = above;
        }
    }

    /// Wait until all of it is on the disk.
    pub(crate) fn wait(self) -> Result<(), SyncFailure> {
        self.begin()?.finish()
    }

    /// Tell the disk, and leave waiting for it to somebody who has other things to do first.
    pub(super) fn begin(mut self) -> Result<Waiting<'a>, SyncFailure> {
        let written = self.files.len();
        for path in self.directories {
            self.files.push(open_directory(path)?);
        }
        let help = match self.files.first() {
            Some((file, path)) if whole::is_better_for(&self.files) => {
                whole::synchronise(file).map_err(|source| SyncFailure {
                    path: path.clone(),
                    source,
                })?;
                None
            }
            _ => Some(begin_each(self.files, written)),
        };
        Ok(Waiting {
            repository: self.repository,
            help,
            settling: self.settling,
        })
    }
}

/// Files and directories that the disk was told to take.
pub(super) struct Waiting<'a> {
    repository: &'a Repository,
    help: Option<Help<(File, PathBuf), Result<(), SyncFailure>>>,
    settling: Vec<(PathBuf, DirectoryIdentity)>,
}

impl Waiting<'_> {
    /// Wait until all of it is on the disk.
    pub(super) fn finish(self) -> Result<(), SyncFailure> {
        for result in self.help.map(Help::finish).unwrap_or_default() {
            result?;
        }
        self.repository.settle(self.settling);
        Ok(())
    }
}

/// Begin with files, of which the first so many were written to, and directories, several at a time.
fn begin_each(
    files: Vec<(File, PathBuf)>,
    written: usize,
) -> Help<(File, PathBuf), Result<(), SyncFailure>> {
    let begun: Vec<_> = files
        .iter()
        .take(written)
        .map(|(file, _)| file.try_clone())
        .collect();
    let helping = files.len().saturating_sub(1);
    // First, since a thread takes a while to wake.
    let help = Help::ask(files, synchronise, helping);
    for file in begun.into_iter().flatten() {
        // Begins to write and does not wait, so that one commit of the file system takes up all
        // of them. If it does nothing, the next step takes longer.
        let _ = fadvise(file, 0, None, Advice::DontNeed);
    }
    help
}

fn synchronise((file, path): (File, PathBuf)) -> Result<(), SyncFailure> {
    // The file is closed before anybody is told: whoever waits may want to unmount the file system next.
    file.sync_all()
        .map_err(|source| SyncFailure { path, source })
}

/// Open a directory, or the nearest one above it if it was removed meanwhile because it was empty:
/// what is to be remembered then is its removal.
fn open_directory(mut path: PathBuf) -> Result<(File, PathBuf), SyncFailure> {
    loop {
        match File::open(&path) {
            Ok(directory) => return Ok((directory, path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.pop() => {}
            Err(source) => return Err(SyncFailure { path, source }),
        }
    }
}
