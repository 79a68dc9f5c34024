//! A file that appears whole or not at all.

use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Context, Error, ErrorKind};

/// A file that is written beside its place and put there when it is complete.
pub(crate) struct WholeFile {
    out: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// Begin a file for `path`, in the folder that it will be in.
    ///
    /// # Errors
    /// No such folder, or one that cannot be written to; a path that is a folder itself.
    pub(crate) fn beside(path: &Path) -> Result<Self, Error> {
        if path.is_dir() {
            let message = format!("{}: it is a folder", cannot_write(path));
            return Err(Error::new(ErrorKind::Usage, message).with_hint("name a file in it"));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // A file for others to read, as far as the user's mask lets them.
        let file = tempfile::Builder::new()
            .permissions(std::fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .context(ErrorKind::Usage, || cannot_write(path))
            .map_err(|e| e.with_hint(format!("create the folder `{}` first", folder.display())))?;
        Ok(Self {
            out: BufWriter::new(file),
            path: path.to_path_buf(),
        })
    }

    /// Put it in its place, synchronised, and return its length.
    ///
    /// # Errors
    /// A full disk.
    pub(crate) fn put_in_place(self) -> Result<u64, Error> {
        let write = || cannot_write(&self.path);
        let file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .or_failed(write)?;
        file.as_file().sync_all().or_failed(write)?;
        let bytes = file.as_file().metadata().or_failed(write)?.len();
        file.persist(&self.path)
            .map_err(|e| e.error)
            .or_failed(write)?;
        Ok(bytes)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}
