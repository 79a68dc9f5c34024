//! Waiting for a whole file system instead of for many files of it.
//!
//! One such wait takes as long as a few files do; but it also waits for what others have written, so
//! it is for quiet machines.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::{fstatfs, syncfs};
use rustix::system::uname;

/// From so many files on the whole file system is the cheaper one to wait for.
const MANY: usize = 32;
/// Most KiB that the machine may have left to write, in all.
const MAX_UNWRITTEN: u64 = 16 << 10;
/// The first Linux whose `syncfs` reports writes that were lost (syncfs(2), Errors).
const FIRST_TO_REPORT: (u32, u32) = (5, 8);

/// File systems whose `syncfs` is known to wait for all that they were given (statfs(2)): ext2 to ext4, XFS and
/// btrfs. FUSE does not pass it on, and one that lies on others may not either.
const WAIT: [u64; 3] = [0xef53, 0x5846_5342, 0x9123_683e];

/// Whether to wait for the file system of these files rather than for each of them.
pub(super) fn is_better_for(files: &[(File, PathBuf)]) -> bool {
    files.len() >= MANY && reports() && is_quiet() && is_one_device(files) && waits(files)
}

/// Wait until everything that was written to the file system of an open file is on the disk.
///
/// # Errors
/// A write was lost since the file was opened, or nobody was told of one that was lost before.
pub(super) fn synchronise(file: &File) -> io::Result<()> {
    syncfs(file)?;
    // Without a journal, ext4 writes folders and inodes after it has told the disk to empty its cache.
    file.sync_all()
}

fn is_one_device(files: &[(File, PathBuf)]) -> bool {
    let mut devices = files
        .iter()
        .map(|(file, _)| file.metadata().map(|metadata| metadata.dev()).ok());
    let first = devices.next().flatten();
    first.is_some() && devices.all(|device| device == first)
}

fn waits(files: &[(File, PathBuf)]) -> bool {
    let first = files.first().and_then(|(file, _)| fstatfs(file).ok());
    let kind = first.and_then(|found| u64::try_from(found.f_type).ok());
    kind.is_some_and(|kind| WAIT.contains(&kind))
}

fn reports() -> bool {
    let kernel = uname();
    let mut numbers = kernel
        .release()
        .to_str()
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    kernel.sysname().to_bytes() == b"Linux" && version >= FIRST_TO_REPORT
}

/// Whether the machine has little left to write (proc_meminfo(5): `Dirty`, `Writeback`); not, where it
/// does not say.
fn is_quiet() -> bool {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let number = |name| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_end_matches("kB").trim().parse::<u64>().ok()
    };
    match (number("Dirty:"), number("Writeback:")) {
        (Some(dirty), Some(writing)) => dirty.saturating_add(writing) <= MAX_UNWRITTEN,
        _ => false,
    }
}
