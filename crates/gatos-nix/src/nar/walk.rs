//! From a file system tree to the tokens of its NAR.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};

use super::MAX_DEPTH;
use super::error::WriteNarError;
use super::write::Pipeline;

/// Set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;
const OWNER_EXECUTE: u32 = 0o100;
const PADDING: [u8; 8] = [0; 8];

/// Walks a tree, opening every entry relative to its directory so that a symbolic link swapped in
/// meanwhile is never followed.
pub(super) struct Walk<'a> {
    pub(super) out: &'a mut Pipeline,
    /// Where we are, for messages
    pub(super) path: PathBuf,
}

impl Walk<'_> {
    pub(super) fn root(&mut self) -> Result<(), WriteNarError> {
        self.token(b"nix-archive-1")?;
        let path = self.path.clone();
        self.node(CWD, path.as_os_str(), 0)
    }

    fn node(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &OsStr,
        depth: usize,
    ) -> Result<(), WriteNarError> {
        if depth >= MAX_DEPTH {
            return Err(WriteNarError::TooDeep {
                path: self.path.clone(),
            });
        }
        let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|e| self.unreadable(e))?;
        self.tokens(&[b"(", b"type"])?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => self.regular(parent, name)?,
            FileType::Symlink => self.symlink(parent, name)?,
            FileType::Directory => self.directory(parent, name, depth)?,
            other => return Err(self.unsupported(other)),
        }
        self.token(b")")
    }

    fn regular(&mut self, parent: BorrowedFd<'_>, name: &OsStr) -> Result<(), WriteNarError> {
        // NONBLOCK: a pipe swapped in after the look must not hang us.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(parent, name, flags, Mode::empty())
            .map_err(|e| self.unreadable(e))?;
        let stat: Stat = rustix::fs::fstat(&file).map_err(|e| self.unreadable(e))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(self.changed());
        }
        if stat.st_mode & SET_ID != 0 {
            return Err(WriteNarError::SetIdFile {
                path: self.path.clone(),
            });
        }
        self.token(b"regular")?;
        if stat.st_mode & OWNER_EXECUTE != 0 {
            self.tokens(&[b"executable", b""])?;
        }
        self.token(b"contents")?;
        let size = u64::try_from(stat.st_size).map_err(|_| self.changed())?;
        self.put(&size.to_le_bytes())?;
        self.contents(&std::fs::File::from(file), size)?;
        self.put(&PADDING[..padding(size)])
    }

    fn contents(&mut self, file: &std::fs::File, size: u64) -> Result<(), WriteNarError> {
        let mut left = size;
        loop {
            // One byte more than is due, so that growth shows without another call.
            let wanted = left.saturating_add(1);
            let (read, ended) = {
                let buffer = self.out.space().map_err(write_failed)?;
                let wanted = usize::try_from(wanted)
                    .unwrap_or(usize::MAX)
                    .min(buffer.len());
                let read =
                    rustix::io::retry_on_intr(|| rustix::io::read(file, &mut buffer[..wanted]))
                        .map_err(|e| WriteNarError::Read {
                            path: self.path.clone(),
                            source: e.into(),
                        })?;
                (read as u64, read < wanted)
            };
            if read > left || (ended && read < left && read == 0) {
                return Err(self.changed());
            }
            self.out.filled(usize::try_from(read).unwrap_or(usize::MAX));
            left -= read;
            if left == 0 && ended {
                return Ok(());
            }
        }
    }

    fn symlink(&mut self, parent: BorrowedFd<'_>, name: &OsStr) -> Result<(), WriteNarError> {
        let target =
            rustix::fs::readlinkat(parent, name, Vec::new()).map_err(|e| self.unreadable(e))?;
        self.tokens(&[b"symlink", b"target", target.as_bytes()])
    }

    fn directory(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &OsStr,
        depth: usize,
    ) -> Result<(), WriteNarError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(parent, name, flags, Mode::empty())
            .map_err(|e| self.unreadable(e))?;
        self.token(b"directory")?;
        for child in self.children(directory.as_fd())? {
            self.tokens(&[b"entry", b"(", b"name", child.as_bytes(), b"node"])?;
            self.path.push(&child);
            self.node(directory.as_fd(), &child, depth + 1)?;
            self.path.pop();
            self.token(b")")?;
        }
        Ok(())
    }

    /// The names of a directory in NAR order, which is that of their bytes.
    fn children(&self, directory: BorrowedFd<'_>) -> Result<Vec<OsString>, WriteNarError> {
        let mut names = Vec::new();
        for entry in Dir::read_from(directory).map_err(|e| self.unreadable(e))? {
            let entry = entry.map_err(|e| self.unreadable(e))?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name.to_vec()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn tokens(&mut self, tokens: &[&[u8]]) -> Result<(), WriteNarError> {
        tokens.iter().try_for_each(|token| self.token(token))
    }

    fn token(&mut self, token: &[u8]) -> Result<(), WriteNarError> {
        let length = token.len() as u64;
        self.put(&length.to_le_bytes())?;
        self.put(token)?;
        self.put(&PADDING[..padding(length)])
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteNarError> {
        self.out.put(bytes).map_err(write_failed)
    }

    fn unreadable(&self, errno: rustix::io::Errno) -> WriteNarError {
        WriteNarError::Read {
            path: self.path.clone(),
            source: errno.into(),
        }
    }

    fn changed(&self) -> WriteNarError {
        WriteNarError::Changed {
            path: self.path.clone(),
        }
    }

    fn unsupported(&self, kind: FileType) -> WriteNarError {
        let kind = match kind {
            FileType::Fifo => "pipe",
            FileType::Socket => "socket",
            FileType::CharacterDevice | FileType::BlockDevice => "device",
            _ => "special file",
        };
        WriteNarError::UnsupportedFile {
            path: self.path.clone(),
            kind,
        }
    }
}

fn write_failed(source: io::Error) -> WriteNarError {
    WriteNarError::Write { source }
}

fn padding(length: u64) -> usize {
    // Below eight, so the conversion keeps the value.
    (length.wrapping_neg() % 8) as usize
}
