//! Loose refs: one small file each, read strictly.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::FindRefError;
use crate::object::ObjectId;

/// More than any ref file holds.
const MAX_BYTES: u64 = 4096;
/// Longest name that is followed into directories.
const MAX_PATH_BYTES: usize = 4096;

/// What the file of a ref says.
pub(super) enum Loose {
    /// There is no such file
    Absent,
    /// The ref points here
    Target(ObjectId),
}

/// Read the file of one ref.
pub(super) fn read(path: &Path, name: &str, kind: gix::hash::Kind) -> Result<Loose, FindRefError> {
    let fail = |source| FindRefError::Io {
        path: path.to_owned(),
        source,
    };
    // A symbolic link is the old form of a symbolic ref.
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(Loose::Absent),
                _ if fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink()) => {
                    Err(symbolic_link(path, name))
                }
                _ => Err(fail(error)),
            };
        }
    };
    let mut bytes = Vec::with_capacity(128);
    match file.by_ref().take(MAX_BYTES).read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => return Ok(Loose::Absent),
        Err(error) => return Err(fail(error)),
    }
    decode(&bytes, path, name, kind).map(Loose::Target)
}

/// Read every loose ref at or below `directory`, whose refs are named from `prefix` on. `found`
/// gets each ref or why it cannot be read, and ends the search by returning an error.
pub(super) fn collect(
    directory: &Path,
    prefix: &str,
    kind: gix::hash::Kind,
    mut found: impl FnMut(Result<(String, ObjectId), FindRefError>) -> Result<(), ()>,
) {
    let mut pending = vec![(directory.to_owned(), prefix.to_owned())];
    while let Some((path, name)) = pending.pop() {
        let fail = |source| FindRefError::Io {
            path: path.clone(),
            source,
        };
        let listed = match fs::read_dir(&path) {
            Ok(entries) => list(entries, &name, &mut pending, kind, &mut found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                match read(&path, &name, kind) {
                    Ok(Loose::Target(id)) => found(Ok((name, id))),
                    Ok(Loose::Absent) => Ok(()),
                    Err(error) => found(Err(error)),
                }
            }
            Err(error) => found(Err(fail(error))),
        };
        if listed.is_err() {
            return;
        }
    }
}

/// The refs of one directory; its directories are left to be looked at.
fn list(
    entries: fs::ReadDir,
    name: &str,
    pending: &mut Vec<(PathBuf, String)>,
    kind: gix::hash::Kind,
    found: &mut impl FnMut(Result<(String, ObjectId), FindRefError>) -> Result<(), ()>,
) -> Result<(), ()> {
    for entry in entries {
        let (entry, file_type) = match entry.and_then(|e| e.file_type().map(|kind| (e, kind))) {
            Ok(found) => found,
            // It went away while the directory was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => {
                let path = PathBuf::from(name);
                found(Err(FindRefError::Io { path, source }))?;
                continue;
            }
        };
        let child = format!("{name}/{}", entry.file_name().to_string_lossy());
        if file_type.is_dir() {
            // Deeper ones cannot hold refs of ours, nor of Git's where paths are limited.
            if child.len() < MAX_PATH_BYTES {
                pending.push((entry.path(), child));
            }
        } else if !child.ends_with(".lock") {
            match read(&entry.path(), &child, kind) {
                Ok(Loose::Target(id)) => found(Ok((child, id)))?,
                Ok(Loose::Absent) => {}
                Err(error) => found(Err(error))?,
            }
        }
    }
    Ok(())
}

fn decode(
    bytes: &[u8],
    path: &Path,
    name: &str,
    kind: gix::hash::Kind,
) -> Result<ObjectId, FindRefError> {
    let text = bytes.trim_ascii_end();
    if let Some(target) = text.strip_prefix(b"ref:") {
        return Err(FindRefError::Symbolic {
            name: name.to_owned(),
            target: String::from_utf8_lossy(target.trim_ascii()).into_owned(),
        });
    }
    target(text, kind).ok_or_else(|| FindRefError::Undecodable {
        name: name.to_owned(),
        path: path.to_owned(),
        bytes: bytes.len() as u64,
    })
}

/// An id of the right length that is not all zeros.
pub(super) fn target(hex: &[u8], kind: gix::hash::Kind) -> Option<ObjectId> {
    if hex.len() != kind.len_in_hex() {
        return None;
    }
    let id = gix::ObjectId::from_hex(hex).ok()?;
    (!id.is_null()).then_some(ObjectId::new(id))
}

fn symbolic_link(path: &Path, name: &str) -> FindRefError {
    let target = fs::read_link(path)
        .map(|target| target.to_string_lossy().into_owned())
        .unwrap_or_default();
    FindRefError::Symbolic {
        name: name.to_owned(),
        target,
    }
}
