//! The file of a new object: without a name until it is complete and on the disk, where the file system
//! can do that, so that whoever dies leaves nothing behind.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
use rustix::io::Errno;
use tempfile::NamedTempFile;

/// The name that `git gc` knows and removes when it is old.
const TEMPORARY_PREFIX: &str = "tmp_obj_";
/// Git never changes an object.
const MODE: u32 = 0o444;
/// How often a directory may vanish.
const TRIES: u32 = 20;

/// Whether an open file can be given a name (open(2), `O_TMPFILE`).
static CAN_BE_NAMED: LazyLock<bool> = LazyLock::new(|| Path::new("/proc/self/fd").is_dir());

/// A complete file that is not in its place.
pub(super) enum ObjectFile {
    Unnamed(File),
    Named(NamedTempFile),
}

impl ObjectFile {
    /// A file with these bytes for `place`, whose directory is made if need be.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub(super) fn with(bytes: &[u8], place: &Path) -> io::Result<Self> {
        let directory = place.parent().unwrap_or(place);
        if *CAN_BE_NAMED {
            match in_directory(directory, || unnamed(directory)) {
                Ok(mut file) => {
                    file.write_all(bytes)?;
                    return Ok(Self::Unnamed(file));
                }
                Err(error) if !is_unsupported(&error) => return Err(error),
                Err(_) => {}
            }
        }
        let mut file = in_directory(directory, || named().tempfile_in(directory))?;
        file.write_all(bytes)?;
        Ok(Self::Named(file))
    }

    pub(super) fn as_file(&self) -> &File {
        match self {
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Put the file in its place, over one that is there. What is returned is to be synchronised again,
    /// as its directory is: it has a name now, and had none when it was written. Where a file system has no
    /// journal, a name leads to nothing until the file knows that it has one.
    ///
    /// # Errors
    /// It cannot be put there.
    pub(super) fn publish(self, place: &Path) -> io::Result<Option<File>> {
        let directory = place.parent().unwrap_or(place);
        match self {
            Self::Unnamed(file) => {
                in_directory(directory, || match name(&file, place) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        let beside = named().make_in(directory, |path| name(&file, path))?;
                        beside.persist(place)?;
                        Ok(())
                    }
                    result => result,
                })?;
                Ok(Some(file))
            }
            Self::Named(file) => {
                file.persist(place)?;
                Ok(None)
            }
        }
    }
}

/// Do something in a directory, which is made if it is not there: maintenance may remove it at any time
/// while it is empty.
fn in_directory<T>(directory: &Path, mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut left = TRIES;
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && left > 0 => left -= 1,
            result => return result,
        }
        match fs::create_dir(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
}

fn unnamed(directory: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    Ok(open(directory, flags, Mode::from_bits_truncate(MODE))?.into())
}

/// What file systems and kernels say that do not know `O_TMPFILE`.
fn is_unsupported(error: &io::Error) -> bool {
    let unknown = [Errno::OPNOTSUPP, Errno::ISDIR, Errno::INVAL];
    Errno::from_io_error(error).is_some_and(|error| unknown.contains(&error))
}

fn name(file: &File, place: &Path) -> io::Result<()> {
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, place, AtFlags::SYMLINK_FOLLOW)?)
}

fn named() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(TEMPORARY_PREFIX)
        .permissions(fs::Permissions::from_mode(MODE));
    builder
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    use super::{ObjectFile, named};

    /// A complete file for `place`, of either kind.
    fn file(bytes: &[u8], place: &Path, unnamed: bool) -> ObjectFile {
        if unnamed {
            return ObjectFile::with(bytes, place).unwrap();
        }
        let mut beside = named().tempfile_in(place.parent().unwrap()).unwrap();
        beside.write_all(bytes).unwrap();
        ObjectFile::Named(beside)
    }

    fn names(directory: &Path) -> Vec<std::ffi::OsString> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_file_replaces_a_damaged_one_and_leaves_no_other_name() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("ab");
        for unnamed in [true, false] {
            fs::write(&place, "damaged").unwrap();
            file(b"sound", &place, unnamed).publish(&place).unwrap();
            assert_eq!(fs::read(&place).unwrap(), b"sound");
            assert_eq!(names(folder.path()), ["ab"]);
            fs::remove_file(&place).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for unnamed in [true, false] {
            drop(file(b"sound", &folder.path().join("ab"), unnamed));
            assert_eq!(names(folder.path()), Vec::<std::ffi::OsString>::new());
        }
    }

    /// `git gc` removes directories of objects that are empty.
    #[test]
    fn a_directory_that_vanishes_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("12");
        let place = directory.join("ab");
        let file = ObjectFile::with(b"sound", &place).unwrap();
        let unnamed = matches!(file, ObjectFile::Unnamed(_));
        if unnamed {
            fs::remove_dir(&directory).unwrap();
        }
        file.publish(&place).unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"sound");
    }
}
