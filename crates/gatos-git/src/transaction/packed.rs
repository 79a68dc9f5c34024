//! Removing refs from `packed-refs`, under its lock and from what it holds then.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::TransactionError;
use super::lock::{Lock, LockFailure, age};
use super::swap::io_failure;
use super::sync::Batch;
use crate::name::RefName;
use crate::repository::Repository;

/// How long to wait for the lock, as Git does by default.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to sleep between two looks at it.
const POLL: Duration = Duration::from_millis(5);

/// Remove `names`, whose own locks are held; what is to be synchronised is added to `batch`.
pub(super) fn remove(
    repository: &Repository,
    names: &[&RefName],
    batch: &mut Batch<'_>,
) -> Result<(), TransactionError> {
    let path = repository.common_dir().join("packed-refs");
    let mut lock = lock(&path, repository.common_dir())?;
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_failure(&path, source)),
    };
    let kept = without(&bytes, names);
    if kept.len() == bytes.len() {
        return Ok(());
    }
    // Renamed only when it is on the disk: it replaces every packed ref of the repository.
    lock.write(&kept)
        .and_then(|()| lock.file().sync_all())
        .map_err(|source| io_failure(&path, source))?;
    lock.commit()
        .map_err(|(source, _)| io_failure(&path, source))?;
    batch.directory(repository.common_dir());
    Ok(())
}

fn lock(path: &Path, boundary: &Path) -> Result<Lock, TransactionError> {
    let mut waited = Duration::ZERO;
    loop {
        match Lock::acquire(path, boundary) {
            Ok(lock) => return Ok(lock),
            Err(LockFailure::Held(path)) if waited >= PATIENCE => {
                return Err(TransactionError::Locked {
                    age: age(&path),
                    path,
                });
            }
            Err(LockFailure::Held(_) | LockFailure::Vanished) => {
                thread::sleep(POLL);
                waited += POLL;
            }
            Err(LockFailure::Io(path, source)) => return Err(io_failure(&path, source)),
        }
    }
}

/// The file without the lines of `names` and the peeled values that follow them.
fn without(bytes: &[u8], names: &[&RefName]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut dropping = false;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if !line.starts_with(b"^") {
            let name = line
                .split(|&b| b == b' ')
                .nth(1)
                .map(<[u8]>::trim_ascii_end);
            dropping = !line.starts_with(b"#")
                && names
                    .iter()
                    .any(|dropped| name == Some(dropped.as_str().as_bytes()));
        }
        if !dropping {
            kept.extend_from_slice(line);
        }
    }
    kept
}
