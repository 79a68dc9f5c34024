//! Lock files as Git takes them: `<file>.lock`, created exclusively, renamed into place.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gix::tempfile::handle::Writable;
use gix::tempfile::{AutoRemove, ContainingDirectory, Handle};

/// A lock that is held. Dropping it releases it; so does a signal, once
/// [`crate::release_locks_on_signals`] was called.
#[derive(Debug)]
pub(super) struct Lock {
    handle: Handle<Writable>,
    /// The same open file. It is used outside of the handle, whose own use of it would hide the
    /// lock from the signal handler.
    file: File,
    path: PathBuf,
    resource: PathBuf,
}

/// Why a lock was not taken.
pub(super) enum LockFailure {
    /// It is held; here is its path
    Held(PathBuf),
    /// A directory was removed at the wrong moment: try again at once
    Vanished,
    /// It cannot be taken
    Io(PathBuf, io::Error),
}

impl Lock {
    /// Take the lock of `resource`, making directories below `boundary` as needed.
    pub(super) fn acquire(resource: &Path, boundary: &Path) -> Result<Self, LockFailure> {
        let path = lock_path(resource);
        let directory = ContainingDirectory::CreateAllRaceProof {
            retries: Default::default(),
            shared_repository_permissions: 0,
        };
        let cleanup = AutoRemove::TempfileAndEmptyParentDirectoriesUntil {
            boundary_directory: boundary.to_owned(),
        };
        let permissions = fs::Permissions::from_mode(0o666);
        let opened =
            gix::tempfile::writable_at_with_permissions(&path, directory, cleanup, permissions)
                .and_then(|mut handle| {
                    let file = handle.with_mut(|file| file.as_file().try_clone())??;
                    Ok((handle, file))
                });
        match opened {
            Ok((handle, file)) => Ok(Self {
                handle,
                file,
                path,
                resource: resource.to_owned(),
            }),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::AlreadyExists if fs::symlink_metadata(&path).is_ok() => {
                    LockFailure::Held(path)
                }
                io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists => LockFailure::Vanished,
                _ => LockFailure::Io(path, error),
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Write what the resource will hold.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Put what was written in place of the resource. If that fails the lock is still held, unless
    /// it is not given back.
    pub(super) fn commit(self) -> Result<(), (io::Error, Option<Self>)> {
        let Self {
            handle,
            file,
            path,
            resource,
        } = self;
        match handle.persist(&resource) {
            Ok(Some(_)) => Ok(()),
            // A signal handler has released it.
            Ok(None) => Err((io::ErrorKind::Interrupted.into(), None)),
            Err(failure) => Err((
                failure.error,
                Some(Self {
                    handle: failure.handle,
                    file,
                    path,
                    resource,
                }),
            )),
        }
    }
}

/// How long ago the file at `path` was last written, if it is there and clocks agree.
pub(super) fn age(path: &Path) -> Duration {
    fs::metadata(path)
        .and_then(|file| file.modified())
        .ok()
        .and_then(|written| written.elapsed().ok())
        .unwrap_or_default()
}

pub(super) fn lock_path(resource: &Path) -> PathBuf {
    let mut path = resource.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
