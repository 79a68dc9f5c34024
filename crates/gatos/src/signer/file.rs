//! Key files: opened once, and used only if nobody else can read or replace them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use gatos_core::keys::{PublicKey, SecretKey, SecretKeyError};
use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::KeyError;

/// Largest key file, in bytes.
const MAX_FILE_BYTES: u32 = 64 << 10;
/// How often a passphrase is asked for.
const ATTEMPTS: usize = 3;
/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;
/// Permission of all to write.
const ALL_WRITE: u32 = 0o002;
/// The bit that keeps people from replacing what is another's in a folder.
const STICKY: u32 = 0o1000;

/// What a key file holds.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, and it is taken apart at once"
)]
pub(super) enum Content {
    /// A private key, open
    Secret(SecretKey),
    /// A public key, whose private half is elsewhere
    Public(PublicKey),
}

/// Read a key file, asking for a passphrase where it has one.
pub(super) fn load(
    path: &Path,
    passphrase: &dyn Fn(&Path) -> Option<String>,
) -> Result<Content, KeyError> {
    let mut file = open(path)?;
    let text = read(&mut file, path)?;
    // A public key is no secret, so nobody needs to be kept from reading it.
    if let Ok(key) = text.parse() {
        return Ok(Content::Public(key));
    }
    check(&file, path)?;
    let secret = |source| KeyError::Secret {
        path: path.to_owned(),
        source,
    };
    let mut verdict = SecretKey::from_openssh(&text, None);
    for _ in 0..ATTEMPTS {
        match verdict {
            Err(SecretKeyError::PassphraseNeeded | SecretKeyError::PassphraseWrong) => {}
            verdict => return verdict.map(Content::Secret).map_err(secret),
        }
        let Some(typed) = passphrase(path).map(Zeroizing::new) else {
            break;
        };
        verdict = SecretKey::from_openssh(&text, Some(&typed));
    }
    verdict.map(Content::Secret).map_err(secret)
}

/// The public key in a file, if it holds one.
pub(super) fn read_public(path: &Path) -> Result<Option<PublicKey>, KeyError> {
    let mut file = open(path)?;
    Ok(read(&mut file, path)?.parse().ok())
}

/// Open the file itself: no link, no waiting for a pipe.
fn open(path: &Path) -> Result<File, KeyError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyError::NoFile {
            path: path.to_owned(),
        },
        _ => KeyError::File {
            path: path.to_owned(),
            source: error,
        },
    };
    if std::fs::symlink_metadata(path)
        .map_err(failed)?
        .is_symlink()
    {
        let path = path.to_owned();
        return Err(KeyError::Link { path });
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_file() && about.len() <= MAX_FILE_BYTES.into() {
        Ok(file)
    } else {
        let path = path.to_owned();
        Err(KeyError::NotAFile { path })
    }
}

fn read(file: &mut File, path: &Path) -> Result<Zeroizing<String>, KeyError> {
    // Large enough from the start, so that no copy of the secret is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES as usize));
    file.take(MAX_FILE_BYTES.into())
        .read_to_string(&mut text)
        .map_err(|source| KeyError::File {
            path: path.to_owned(),
            source,
        })?;
    Ok(text)
}

/// Whether only the owner can read the file, and nobody can put another in its place.
fn check(file: &File, path: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let about = file.metadata().map_err(failed)?;
    let path = path.to_owned();
    let me = rustix::process::geteuid().as_raw();
    if about.uid() != me && about.uid() != 0 {
        let owner = about.uid();
        return Err(KeyError::Owner { path, owner });
    }
    if about.mode() & OTHERS != 0 {
        let mode = about.mode() & 0o7777;
        return Err(KeyError::Mode { path, mode });
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = std::fs::metadata(parent).map_err(|source| KeyError::File {
        path: path.clone(),
        source,
    })?;
    if folder.mode() & ALL_WRITE != 0 && folder.mode() & STICKY == 0 {
        return Err(KeyError::Folder { path });
    }
    Ok(())
}
