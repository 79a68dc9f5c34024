//! A push that Git has received and not accepted: its objects lie apart, and are read through a
//! directory of ours that borrows from both places.
//!
//! Git tells a hook by three variables where they lie. The Git library ignores these, so that a
//! plain [`Repository::open`] in a hook sees nothing of the push. Nothing is ever written through
//! the view that this module makes.

mod error;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

pub use self::error::QuarantineError;
use crate::repository::Repository;
use crate::transaction::{Batch, SyncFailure};

/// Where the objects of a push lie until Git accepts it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Incoming {
    objects: PathBuf,
    borrowed: Vec<PathBuf>,
}

impl Incoming {
    /// As a hook's environment says it; `None` outside of a push.
    ///
    /// # Errors
    /// [`QuarantineError`]: the variables contradict each other.
    pub fn of_environment(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, QuarantineError> {
        let Some(quarantine) = variable("GIT_QUARANTINE_PATH") else {
            return Ok(None);
        };
        let objects = variable("GIT_OBJECT_DIRECTORY").unwrap_or_default();
        if objects != quarantine || objects.is_empty() {
            return Err(QuarantineError::Variables);
        }
        let borrowed = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        let borrowed = borrowed.as_bytes().split(|byte| *byte == b':');
        Ok(Some(Self {
            objects: PathBuf::from(objects),
            borrowed: borrowed
                .filter(|path| !path.is_empty())
                .map(|path| PathBuf::from(OsStr::from_bytes(path)))
                .collect(),
        }))
    }
}

impl Incoming {
    /// The folders of the object store that the push will be moved into: `pack`, or two digits.
    ///
    /// # Errors
    /// [`QuarantineError`]: the place cannot be read.
    pub fn folders(&self) -> Result<BTreeSet<String>, QuarantineError> {
        let fail = |source| QuarantineError::Io {
            path: self.objects.clone(),
            source,
        };
        let mut folders = BTreeSet::new();
        for entry in fs::read_dir(&self.objects).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            let name = name.to_string_lossy();
            let digits = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if digits || name == "pack" {
                folders.insert(name.into_owned());
            }
        }
        Ok(folders)
    }
}

impl Repository {
    /// The repository as it would be if Git accepted the objects of a push: for reading only.
    ///
    /// # Errors
    /// [`QuarantineError`]: the objects do not lie inside the repository, or cannot be read.
    pub fn with_incoming(&self, incoming: &Incoming) -> Result<Self, QuarantineError> {
        let own = real(&self.objects_dir())?;
        let apart = real(&incoming.objects)?;
        if apart.parent() != Some(&*own) {
            return Err(QuarantineError::Elsewhere { path: apart });
        }
        for path in &incoming.borrowed {
            let borrowed = real(path)?;
            if borrowed != own {
                return Err(QuarantineError::Elsewhere { path: borrowed });
            }
        }
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| QuarantineError::Io { path, source }
        };
        let stand = tempfile::Builder::new()
            .prefix("gatos-push-")
            .tempdir()
            .map_err(fail(&std::env::temp_dir()))?;
        let objects = stand.path().join("objects");
        let list = objects.join("info/alternates");
        fs::create_dir_all(objects.join("info")).map_err(fail(&objects))?;
        let mut lines = Vec::new();
        for path in [apart, own] {
            let bytes = path.into_os_string().into_vec();
            if bytes.contains(&b'\n') || !bytes.starts_with(b"/") {
                return Err(QuarantineError::Path);
            }
            lines.extend(bytes);
            lines.push(b'\n');
        }
        fs::write(&list, lines).map_err(fail(&list))?;
        let path = objects.clone();
        self.with_objects_of(objects, stand).map_err(fail(&path))
    }
}

/// Wait until the folders that a push was moved into are on the disk, before a ref points there:
/// those of [`Incoming::folders`].
///
/// # Errors
/// A folder that cannot be synchronised.
pub fn settle_incoming<'f>(
    repository: &Repository,
    folders: impl IntoIterator<Item = &'f str>,
) -> Result<(), QuarantineError> {
    let objects = repository.objects_dir();
    let below: Vec<_> = folders.into_iter().map(|name| objects.join(name)).collect();
    if below.is_empty() {
        return Ok(());
    }
    // A folder for each two hex digits at most, and that of packs.
    let mut batch = Batch::new(repository);
    for folder in below.iter().chain([&objects]) {
        batch.directory(folder);
    }
    batch
        .wait()
        .map_err(|SyncFailure { path, source }| QuarantineError::Io { path, source })
}

fn real(path: &Path) -> Result<PathBuf, QuarantineError> {
    path.canonicalize().map_err(|source| QuarantineError::Io {
        path: path.to_owned(),
        source,
    })
}
