//! Making a key file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use gatos_core::keys::{SecretKey, Signer as _};

use super::{KeyError, OpenSigner, Origin};

/// What new keys are called in their files.
const COMMENT: &str = "gatos";

/// Write a new private key, and its public half into `PATH.pub`.
pub(super) fn create(path: &Path, seed: [u8; 32]) -> Result<OpenSigner, KeyError> {
    let public = PathBuf::from(format!("{}.pub", path.display()));
    for path in [path, &public] {
        if path.symlink_metadata().is_ok() {
            let path = path.to_owned();
            return Err(KeyError::Exists { path });
        }
    }
    let key = SecretKey::from_seed(seed);
    let line = format!("{} {COMMENT}\n", key.public_key());
    let written = make_folder(path)
        .and_then(|()| write(path, 0o600, key.to_openssh(COMMENT).as_bytes()))
        .and_then(|()| write(&public, 0o644, line.as_bytes()));
    written.map_err(|source| KeyError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok(OpenSigner {
        signer: Box::new(key),
        origin: Origin::File {
            path: path.to_owned(),
        },
    })
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)
        }
        _ => Ok(()),
    }
}

fn write(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
