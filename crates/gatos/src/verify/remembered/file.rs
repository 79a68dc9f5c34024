//! The file of what was verified: records of one size, each with a checksum, only ever appended to.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

use super::Record;

/// Below the directory that holds objects and refs.
const PATH: &str = "gatos/verified";
/// Bytes of a checksum.
const CHECKSUM: usize = 8;
/// Bytes of a record with its checksum.
const LENGTH: usize = size_of::<Record>() + CHECKSUM;
/// Most records: beyond them the file begins anew.
const MAX_RECORDS: usize = 1 << 18;
/// What was verified by other rules than this program's counts for nothing, so they have a number, and
/// the version of the program stands beside it.
const RULES: &str = concat!("gatos verified 1 ", env!("CARGO_PKG_VERSION"));

/// Where the file is; it need not be there.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
}

impl File {
    pub(super) fn of(common_dir: &Path) -> Self {
        Self {
            path: common_dir.join(PATH),
        }
    }

    /// Every record; none where one of them is damaged, or the file is not there.
    pub(super) fn read(&self) -> BTreeSet<Record> {
        let max = (LENGTH * (MAX_RECORDS + 1)) as u64;
        let read = || {
            let mut bytes = Vec::new();
            fs::File::open(&self.path)?
                .take(max + 1)
                .read_to_end(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        read()
            .ok()
            .and_then(|bytes| parse(&bytes))
            .unwrap_or_default()
    }

    /// Append records, under a lock. A file that is damaged, or full, begins anew.
    pub(super) fn append(&self, records: &[Record]) {
        if !records.is_empty() {
            // Whatever goes wrong here costs time later, and nothing else.
            let _ = self.try_append(records);
        }
    }

    fn try_append(&self, records: &[Record]) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        let mut there = Vec::new();
        (&mut file)
            .take((LENGTH * (MAX_RECORDS + 2)) as u64)
            .read_to_end(&mut there)?;
        let room = MAX_RECORDS.saturating_sub(records.len());
        let mut bytes = Vec::new();
        if parse(&there).is_none_or(|known| known.len() > room) {
            file.set_len(0)?;
            bytes.extend(line(&header()));
        }
        let records = records.get(..MAX_RECORDS).unwrap_or(records);
        records.iter().for_each(|record| bytes.extend(line(record)));
        file.seek(SeekFrom::End(0))?;
        file.write_all(&bytes)
    }
}

/// The records of a file that begins with our header and is sound from beginning to end.
fn parse(bytes: &[u8]) -> Option<BTreeSet<Record>> {
    let (lines, rest) = bytes.as_chunks::<LENGTH>();
    let (first, lines) = lines.split_first()?;
    if !rest.is_empty() || *first != line(&header()) || lines.len() > MAX_RECORDS {
        return None;
    }
    let record = |bytes: &[u8; LENGTH]| {
        let record: Record = *bytes.first_chunk()?;
        (line(&record) == *bytes).then_some(record)
    };
    lines.iter().map(record).collect()
}

/// The first record: which rules the others were verified by.
fn header() -> Record {
    Sha256::digest(RULES).into()
}

fn line(record: &Record) -> [u8; LENGTH] {
    let mut hasher = Sha256::new_with_prefix(RULES);
    hasher.update(record);
    let mut line = [0; LENGTH];
    let (head, tail) = line.split_at_mut(record.len());
    head.copy_from_slice(record);
    tail.copy_from_slice(&hasher.finalize()[..CHECKSUM]);
    line
}
