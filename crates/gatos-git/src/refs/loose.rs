//! Loose refs: one small file each, read strictly.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use super::FindRefError;
use crate::object::ObjectId;

/// More than any ref file holds.
const MAX_BYTES: u64 = 4096;
/// Deepest nesting of directories below a prefix; names of 200 bytes cannot go deeper.
const MAX_DEPTH: usize = 100;

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

/// Read every loose ref at or below `dir`, whose refs are named from `prefix` on.
pub(super) fn collect(
    dir: &Path,
    prefix: &str,
    kind: gix::hash::Kind,
    found: &mut BTreeMap<String, ObjectId>,
) -> Result<(), FindRefError> {
    let mut pending = vec![(dir.to_owned(), prefix.to_owned(), 0)];
    while let Some((path, name, depth)) = pending.pop() {
        let fail = |source| FindRefError::Io {
            path: path.clone(),
            source,
        };
        let entries = match fs::read_dir(&path) {
            Ok(entries) if depth < MAX_DEPTH => entries,
            Ok(_) => return Err(fail(io::ErrorKind::InvalidFilename.into())),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                if let Loose::Target(id) = read(&path, &name, kind)? {
                    found.insert(name, id);
                }
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fail(error)),
        };
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let Ok(level) = entry.file_name().into_string() else {
                return Err(FindRefError::Name {
                    name: format!("{name}/{}", entry.file_name().to_string_lossy()),
                });
            };
            let file_type = entry.file_type().map_err(fail)?;
            let child = format!("{name}/{level}");
            if file_type.is_dir() {
                pending.push((entry.path(), child, depth + 1));
            } else if !level.ends_with(".lock")
                && let Loose::Target(id) = read(&entry.path(), &child, kind)?
            {
                found.insert(child, id);
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
