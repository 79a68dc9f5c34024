//! Where the daemon of a repository listens.
//!
//= spec/rpc.md#socket

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::SETTING;
use crate::repository::Repository;

/// The socket, below the directory that holds objects and refs.
pub const SOCKET_FILE: &str = "gatos/daemon.sock";
/// The file that the daemon of a repository keeps locked, below the same directory.
pub const LOCK_FILE: &str = "gatos/daemon.lock";

/// Longest path that the address of a socket holds, in bytes.
const MAX_PATH_BYTES: usize = 107;

/// The socket at which the daemon of a repository is looked for; none if people do not want that.
#[must_use]
pub fn socket(repository: &Repository) -> Option<PathBuf> {
    let git = repository.git();
    match gatos_git::setting(git.git_dir(), SETTING).as_deref() {
        Some("never") => None,
        None | Some("auto") => Some(git.common_dir().join(SOCKET_FILE)),
        Some(path) => Some(PathBuf::from(path)),
    }
}

/// A path in a form that fits into the address of a socket, however long it is.
#[derive(Debug)]
pub struct Address {
    path: PathBuf,
    /// Open as long as the path leads through it
    _folder: Option<File>,
}

impl Address {
    /// The address of the socket at `path`, whose folder is there.
    ///
    /// # Errors
    /// A folder that cannot be opened.
    pub fn of(path: &Path) -> io::Result<Self> {
        let (folder, name) = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if path.as_os_str().as_bytes().len() > MAX_PATH_BYTES => {
                (File::open(folder)?, name)
            }
            _ => {
                return Ok(Self {
                    path: path.to_owned(),
                    _folder: None,
                });
            }
        };
        let path = Path::new("/proc/self/fd")
            .join(folder.as_raw_fd().to_string())
            .join(name);
        Ok(Self {
            path,
            _folder: Some(folder),
        })
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
