//! Writing many objects at once: one pack and its index instead of a file each.
//!
//! Git's formats `gitformat-pack`: pack version 2 without deltas, index version 2.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::TransactionError;
use super::swap::io_failure;
use super::sync::Batch;
use crate::object::{ObjectId, ObjectKind};

/// Offsets from here on stand in the index's table of long ones.
const LONG_OFFSET: u64 = 1 << 31;

/// An object as it stands in a pack.
pub(super) struct PackEntry<'a> {
    pub(super) id: ObjectId,
    pub(super) kind: ObjectKind,
    /// Length of the object in bytes
    pub(super) length: usize,
    /// Its zlib stream
    pub(super) deflated: &'a [u8],
}

/// A pack that was written but is not in place.
pub(super) struct WrittenPack {
    pack: NamedTempFile,
    index: NamedTempFile,
    stem: PathBuf,
}

/// Where an object stands in the pack that is being written.
struct Row {
    id: ObjectId,
    crc: u32,
    offset: u64,
}

impl WrittenPack {
    /// Write `entries` into a pack in `directory`; its files are added to `files`.
    pub(super) fn write(
        directory: &Path,
        kind: gix::hash::Kind,
        entries: &[PackEntry<'_>],
        files: &mut Batch<'_>,
    ) -> Result<Self, TransactionError> {
        let fail = |source| io_failure(directory, source);
        let mut pack = temporary(directory, "tmp_pack_").map_err(fail)?;
        let mut out = Hashed::new(kind);
        let count =
            u32::try_from(entries.len()).map_err(|_| fail(io::ErrorKind::FileTooLarge.into()))?;
        out.put(b"PACK");
        out.put(&2u32.to_be_bytes());
        out.put(&count.to_be_bytes());
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let offset = out.written;
            let header = entry_header(entry.kind, entry.length);
            let mut crc = crc32fast::Hasher::new();
            crc.update(&header);
            crc.update(entry.deflated);
            rows.push(Row {
                id: entry.id,
                crc: crc.finalize(),
                offset,
            });
            out.put(&header);
            out.put(entry.deflated);
            out.flush_into(&mut pack).map_err(fail)?;
        }
        let checksum = out.finish(&mut pack).map_err(fail)?;
        let mut index = temporary(directory, "tmp_idx_").map_err(fail)?;
        write_index(&mut index, kind, rows, &checksum).map_err(fail)?;
        let written = Self {
            stem: directory.join(format!("pack-{checksum}")),
            pack,
            index,
        };
        for (file, extension) in [(&written.pack, "pack"), (&written.index, "idx")] {
            let open = file.as_file().try_clone().map_err(fail)?;
            files.file(open, &written.stem.with_extension(extension));
        }
        Ok(written)
    }

    /// Put the pack in its place, the index last: it is what readers look for.
    pub(super) fn publish(self) -> Result<(), TransactionError> {
        for (file, extension) in [(self.pack, "pack"), (self.index, "idx")] {
            let place = self.stem.with_extension(extension);
            file.persist(&place)
                .map_err(|failure| io_failure(&place, failure.error))?;
        }
        Ok(())
    }
}

/// Output that is hashed on its way.
struct Hashed {
    hasher: gix::hash::Hasher,
    buffer: Vec<u8>,
    written: u64,
}

impl Hashed {
    fn new(kind: gix::hash::Kind) -> Self {
        Self {
            hasher: gix::hash::hasher(kind),
            buffer: Vec::new(),
            written: 0,
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.buffer.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
    }

    fn flush_into(&mut self, file: &mut NamedTempFile) -> io::Result<()> {
        /// Large enough that a pack of small objects takes few calls.
        const ENOUGH: usize = 256 << 10;
        if self.buffer.len() >= ENOUGH {
            file.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Write the rest and the checksum of all of it.
    fn finish(self, file: &mut NamedTempFile) -> io::Result<gix::ObjectId> {
        let checksum = self.hasher.try_finalize().map_err(io::Error::other)?;
        file.write_all(&self.buffer)?;
        file.write_all(checksum.as_bytes())?;
        Ok(checksum)
    }
}

/// Kind and length of an object in the pack's variable-length form.
fn entry_header(kind: ObjectKind, length: usize) -> Vec<u8> {
    let code: u8 = match kind {
        ObjectKind::Commit => 1,
        ObjectKind::Tree => 2,
        ObjectKind::Blob => 3,
        ObjectKind::Tag => 4,
    };
    let low = |value: usize, mask: usize| u8::try_from(value & mask).unwrap_or(0);
    let mut header = vec![code << 4 | low(length, 0x0f)];
    let mut rest = length >> 4;
    while rest > 0 {
        if let Some(last) = header.last_mut() {
            *last |= 0x80;
        }
        header.push(low(rest, 0x7f));
        rest >>= 7;
    }
    header
}

fn write_index(
    file: &mut NamedTempFile,
    kind: gix::hash::Kind,
    mut rows: Vec<Row>,
    checksum: &gix::ObjectId,
) -> io::Result<()> {
    rows.sort_by_key(|row| row.id);
    let mut out = Hashed::new(kind);
    out.put(b"\xfftOc");
    out.put(&2u32.to_be_bytes());
    for first in 0..=u8::MAX {
        let upto = rows.partition_point(|row| row.id.as_bytes().first() <= Some(&first));
        out.put(&u32::try_from(upto).unwrap_or(u32::MAX).to_be_bytes());
    }
    for row in &rows {
        out.put(row.id.as_bytes());
    }
    for row in &rows {
        out.put(&row.crc.to_be_bytes());
    }
    let mut long = Vec::new();
    for row in &rows {
        let short = if row.offset < LONG_OFFSET {
            row.offset
        } else {
            long.push(row.offset);
            LONG_OFFSET + long.len() as u64 - 1
        };
        out.put(&u32::try_from(short).unwrap_or(u32::MAX).to_be_bytes());
    }
    for offset in long {
        out.put(&offset.to_be_bytes());
    }
    out.put(checksum.as_bytes());
    out.finish(file).map(|_| ())
}

/// A file with a name that `git gc` knows and removes when it is old.
fn temporary(directory: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    fs::create_dir_all(directory)?;
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(fs::Permissions::from_mode(0o444))
        .tempfile_in(directory)
}
