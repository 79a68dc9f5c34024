//! What is in an archive, without unpacking it.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::{self, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix_archive::nar::{Event, decode_events_reader};

use super::error::ReadNarError;

/// More entries than this are refused: a list of them would not fit in memory.
const MAX_ENTRIES: usize = 4 << 20;

/// How much is read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// One file, directory or symbolic link of an archive.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Path relative to the root, which is empty
    pub path: PathBuf,
    /// What it is
    pub node: Node,
}

/// What an [`Entry`] is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Node {
    /// A directory; its children follow it
    Directory,
    /// A symbolic link
    Symlink {
        /// Where it points
        target: PathBuf,
    },
    /// A file
    Regular {
        /// Whether its owner may execute it
        executable: bool,
        /// Where its contents begin in the archive
        offset: u64,
        /// Length of its contents in bytes
        size: u64,
    },
}

/// List the entries of an archive in the order in which they stand there.
///
/// # Errors
/// Anything but one well-formed NAR: names that are empty, `.`, `..` or hold a slash, entries that
/// are not strictly sorted, missing or trailing bytes, nesting deeper than 64.
pub fn list(archive: &mut dyn Read) -> Result<Vec<Entry>, ReadNarError> {
    let count = Cell::new(0);
    let mut counted = Counted {
        reader: BufReader::with_capacity(BUFFER_BYTES, archive),
        count: &count,
    };
    let mut entries = Vec::new();
    let mut directory = PathBuf::new();
    let mut overflow = false;
    let outcome = decode_events_reader(&mut counted, |event| {
        let place = |name: Option<&[u8]>| match name {
            Some(name) => directory.join(OsStr::from_bytes(name)),
            None => PathBuf::new(),
        };
        let (path, node) = match event {
            Event::DirectoryStart { name } => {
                directory = place(name);
                (directory.clone(), Node::Directory)
            }
            Event::DirectoryEnd { .. } => {
                directory.pop();
                return Ok(());
            }
            Event::Symlink { name, target } => {
                let target = PathBuf::from(OsStr::from_bytes(target));
                (place(name), Node::Symlink { target })
            }
            Event::Regular {
                name,
                executable,
                contents,
            } => {
                let node = Node::Regular {
                    executable,
                    offset: count.get(),
                    size: contents.size(),
                };
                (place(name), node)
            }
        };
        if entries.len() >= MAX_ENTRIES {
            overflow = true;
            return Err(io::Error::other("too many entries").into());
        }
        entries.push(Entry { path, node });
        Ok(())
    });
    match outcome {
        Ok(()) => Ok(entries),
        Err(_) if overflow => Err(ReadNarError::TooManyEntries { limit: MAX_ENTRIES }),
        Err(source) => Err(ReadNarError::Malformed {
            offset: count.get(),
            source,
        }),
    }
}

/// Counts what was read, so that an entry's place in the archive is known.
struct Counted<'a> {
    reader: BufReader<&'a mut dyn Read>,
    count: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
