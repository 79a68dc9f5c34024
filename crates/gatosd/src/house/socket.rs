//! The socket of a repository: one daemon at a time, and nobody else's.
//!
//= spec/rpc.md#socket

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use gatos::daemon::{Address, LOCK_FILE, SOCKET_FILE};
use gatos::{ErrorKind, Repository};
use rustix::fs::{FlockOperation, Mode, flock};
use rustix::process::umask;

use crate::failure::{Failure, visible};

/// A socket that listens, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) listener: UnixListener,
    pub(crate) path: PathBuf,
    /// What the file was when we made it
    identity: (u64, u64),
    /// Held as long as we live
    _lock: File,
}

impl Socket {
    /// Become the daemon of a repository and listen.
    ///
    /// # Errors
    /// Another daemon of this repository, or a place where no socket can be.
    pub(crate) fn bind(repository: &Repository, path: Option<&Path>) -> Result<Self, Failure> {
        let common = repository.git().common_dir();
        let lock = lock(&common.join(LOCK_FILE))?;
        let path = path.map_or_else(|| common.join(SOCKET_FILE), Path::to_owned);
        let shown = visible(&path.to_string_lossy());
        remove_stale(&path)
            .and_then(|()| listen(&path))
            .and_then(|listener| {
                let file = fs::symlink_metadata(&path)?;
                Ok(Self {
                    listener,
                    path: path.clone(),
                    identity: (file.dev(), file.ino()),
                    _lock: lock,
                })
            })
            .map_err(|error| {
                let message = format!("cannot listen at `{shown}`: {error}");
                Failure::new(ErrorKind::Failed, message)
                    .hint("choose another place with --socket, in a folder that is there")
            })
    }

    /// Remove the file, if it is still ours.
    pub(crate) fn remove(&self) {
        let ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|file| (file.dev(), file.ino()) == self.identity);
        if ours {
            // Whoever finds it finds nobody behind it, and goes on without us.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Lock the repository against a second daemon; the lock ends with the process, however it ends.
fn lock(path: &Path) -> Result<File, Failure> {
    let open = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
    };
    let shown = visible(&path.to_string_lossy());
    let failed = |error: io::Error| {
        Failure::new(ErrorKind::Failed, format!("cannot lock `{shown}`: {error}"))
    };
    let mut file = open().map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let pid = fs::read_to_string(path).unwrap_or_default();
            let pid: String = pid.chars().filter(char::is_ascii_digit).collect();
            let message = format!("process {pid} is the daemon of this repository already");
            return Err(Failure::new(ErrorKind::Blocked, message)
                .hint("`gatosd status` shows how it is; SIGTERM ends it"));
        }
        Err(error) => return Err(failed(error.into())),
    }
    file.set_len(0).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    Ok(file)
}

/// Remove what a daemon that died has left. We hold the lock, so nobody listens there for this
/// repository; where somebody does listen, it is another's.
fn remove_stale(path: &Path) -> io::Result<()> {
    let file = match fs::symlink_metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !file.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "something that is no socket is there",
        ));
    }
    if std::os::unix::net::UnixStream::connect(Address::of(path)?.path()).is_ok() {
        return Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "another program listens there",
        ));
    }
    fs::remove_file(path)
}

/// Listen, in a file that only its owner can open from the first moment on.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let address = Address::of(path)?;
    let before = umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(address.path());
    umask(before);
    listener
}
