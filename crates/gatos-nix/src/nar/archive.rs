//! An archive that lies somewhere and can be read more than once.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Where an archive is.
#[derive(Clone, Copy, Debug)]
pub enum Archive<'a> {
    /// In memory
    Bytes(&'a [u8]),
    /// A part of a file
    File {
        /// The file
        path: &'a Path,
        /// Where the archive begins
        offset: u64,
        /// Its length in bytes
        size: u64,
    },
}

impl<'a> Archive<'a> {
    /// A reader at its beginning.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send + 'a>> {
        match *self {
            Self::Bytes(bytes) => Ok(Box::new(bytes)),
            Self::File { path, offset, size } => {
                let mut file = std::fs::File::open(path)?;
                file.seek(SeekFrom::Start(offset))?;
                Ok(Box::new(file.take(size)))
            }
        }
    }

    /// A part of the archive, which must lie within it.
    pub(crate) fn part(&self, from: u64, length: u64) -> Self {
        match *self {
            Self::Bytes(bytes) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                let end = place(from.saturating_add(length));
                Self::Bytes(bytes.get(place(from)..end).unwrap_or_default())
            }
            Self::File { path, offset, .. } => Self::File {
                path,
                offset: offset + from,
                size: length,
            },
        }
    }
}
