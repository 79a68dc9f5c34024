//! Handing store objects to `nix-store --import`, each compared with what it should be on the way.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use gatos_core::job::NarDigest;
use sha2::{Digest, Sha256};

use super::error::{Blocked, CleanRoomError};
use crate::nar::{self, Archive};
use crate::nix::Nix;
use crate::process::{Cancel, Leash};
use crate::store_path::StorePath;

/// What follows each archive in the stream.
const EXPORT_MAGIC: u64 = 0x4558_494e;

/// A store object on its way in.
pub(super) struct Object<'a> {
    pub(super) path: StorePath,
    /// Those that are imported before it, or it itself
    pub(super) references: BTreeSet<StorePath>,
    pub(super) origin: Origin<'a>,
    /// What its archive must be
    pub(super) nar: NarDigest,
}

/// Where the bytes of an object are.
pub(super) enum Origin<'a> {
    /// In memory: one file
    Text(&'a [u8]),
    /// In a store on disk
    Disk(PathBuf),
    /// In the evidence
    Supplied(Archive<'a>),
}

/// Import these objects, each after those that it refers to.
///
/// If one turns out to have other bytes than it should, the stream ends before Nix registers it.
pub(super) fn import(
    nix: &Nix,
    objects: &[Object<'_>],
    cancel: &Cancel,
) -> Result<(), CleanRoomError> {
    if objects.is_empty() {
        return Ok(());
    }
    let mut trouble = None;
    let feed = Box::new(|out: &mut (dyn Write + Send)| {
        let mut out = io::BufWriter::with_capacity(1 << 20, out);
        for object in objects {
            if let Err(error) = send(object, &mut out) {
                trouble = Some(error);
                return Err(io::Error::other("the import was given up"));
            }
        }
        out.write_all(&0_u64.to_le_bytes())?;
        out.flush()
    });
    let leash = Leash {
        cancel: cancel.clone(),
        ..nix.leash()
    };
    let outcome = nix.ask_on(&leash, "nix-store", &["--import".into()], Some(feed));
    if cancel.is_cancelled() {
        return Err(Blocked::Cancelled.into());
    }
    match (trouble, outcome) {
        // Nix explains a broken pipe better than we do.
        (None | Some(Trouble::Pipe), Err(error)) => Err(error.into()),
        (Some(Trouble::Ours(error)), _) => Err(error),
        (Some(Trouble::Pipe) | None, Ok(_)) => Ok(()),
    }
}

enum Trouble {
    Pipe,
    Ours(CleanRoomError),
}

fn send(object: &Object<'_>, out: &mut (dyn Write + Send)) -> Result<(), Trouble> {
    let pipe = |_| Trouble::Pipe;
    out.write_all(&1_u64.to_le_bytes()).map_err(pipe)?;
    let sent = match &object.origin {
        Origin::Text(text) => {
            let archive = nar::of_file(text);
            out.write_all(&archive).map_err(pipe)?;
            nar::digest(&archive)
        }
        Origin::Disk(path) => match nar::write(path, out) {
            Ok(sent) => sent,
            Err(nar::WriteNarError::Write { .. }) => return Err(Trouble::Pipe),
            Err(error) => return Err(Trouble::Ours(error.into())),
        },
        Origin::Supplied(archive) => copy(object, archive, out)?,
    };
    if sent != object.nar {
        return Err(Trouble::Ours(
            Blocked::DependencyAltered {
                path: object.path.clone(),
            }
            .into(),
        ));
    }
    trailer(object, out).map_err(pipe)
}

fn copy(
    object: &Object<'_>,
    archive: &Archive<'_>,
    out: &mut (dyn Write + Send),
) -> Result<NarDigest, Trouble> {
    let unreadable = |source| {
        Trouble::Ours(CleanRoomError::Supply {
            path: object.path.clone(),
            source,
        })
    };
    let mut reader = archive.open().map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = reader.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
        out.write_all(&buffer[..read]).map_err(|_| Trouble::Pipe)?;
    }
    Ok(NarDigest {
        sha256: hasher.finalize().into(),
        size,
    })
}

fn trailer(object: &Object<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&EXPORT_MAGIC.to_le_bytes())?;
    text(out, &object.path.to_string())?;
    out.write_all(&(object.references.len() as u64).to_le_bytes())?;
    for reference in &object.references {
        text(out, &reference.to_string())?;
    }
    // No deriver, no signature of the old kind.
    text(out, "")?;
    out.write_all(&0_u64.to_le_bytes())
}

fn text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let padding = text.len().next_multiple_of(8) - text.len();
    out.write_all(&(text.len() as u64).to_le_bytes())?;
    out.write_all(text.as_bytes())?;
    out.write_all(&[0; 8][..padding])
}
