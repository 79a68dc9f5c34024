//! Archiving and hashing: one thread reads, another hashes.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use gatos_core::job::NarDigest;
use sha2::{Digest, Sha256};

use super::error::WriteNarError;
use super::walk::Walk;

/// Size of one buffer that travels between the threads.
const BUFFER_BYTES: usize = 512 << 10;
/// How many buffers exist: one being filled, one being hashed, two to take up the slack.
const BUFFERS: usize = 4;

/// The hash of the tree at `path`: a file, a directory or a symbolic link, which is not followed.
///
/// # Errors
/// A device, socket, pipe or set-uid file anywhere in the tree, a file that changes while it is
/// read, and whatever the file system refuses; each names the path.
pub fn hash(path: &Path) -> Result<NarDigest, WriteNarError> {
    write(path, &mut io::sink())
}

/// Write the NAR of the tree at `path` to `sink`, and return its hash.
///
/// # Errors
/// As [`hash`], and a `sink` that refuses.
pub fn write(path: &Path, sink: &mut (dyn Write + Send)) -> Result<NarDigest, WriteNarError> {
    let (full, to_hash) = sync_channel(BUFFERS);
    let (spent, empty) = channel();
    for _ in 0..BUFFERS {
        // The receiver is alive: it is in this function.
        let _ = spent.send(Vec::new());
    }
    thread::scope(|scope| {
        let consumer = scope.spawn(move || consume(&to_hash, &spent, sink));
        let mut pipeline = Pipeline::new(full, empty);
        let walked = Walk {
            out: &mut pipeline,
            path: path.to_path_buf(),
        }
        .root();
        let flushed = pipeline.finish();
        let consumed = match consumer.join() {
            Ok(consumed) => consumed,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        // If the sink refused, that is the reason why the walk could not go on.
        let hash = consumed.map_err(|source| WriteNarError::Write { source })?;
        walked?;
        flushed.map_err(|source| WriteNarError::Write { source })?;
        Ok(hash)
    })
}

fn consume(
    full: &Receiver<Vec<u8>>,
    spent: &std::sync::mpsc::Sender<Vec<u8>>,
    sink: &mut (dyn Write + Send),
) -> io::Result<NarDigest> {
    let mut hasher = Sha256::new();
    let mut size = 0;
    while let Ok(buffer) = full.recv() {
        hasher.update(&buffer);
        size += buffer.len() as u64;
        sink.write_all(&buffer)?;
        // The reader may be done and gone.
        let _ = spent.send(buffer);
    }
    sink.flush()?;
    Ok(NarDigest {
        sha256: hasher.finalize().into(),
        size,
    })
}

/// The reader's end: buffers that go to the hashing thread when full.
pub(super) struct Pipeline {
    buffer: Vec<u8>,
    filled: usize,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl Pipeline {
    fn new(full: SyncSender<Vec<u8>>, empty: Receiver<Vec<u8>>) -> Self {
        Self {
            buffer: Vec::new(),
            filled: 0,
            full,
            empty,
        }
    }

    /// Room for at least one byte.
    pub(super) fn space(&mut self) -> io::Result<&mut [u8]> {
        if self.filled == self.buffer.len() {
            self.hand_over()?;
            self.buffer = self.empty.recv().map_err(|_| gone())?;
            self.buffer.resize(BUFFER_BYTES, 0);
        }
        Ok(&mut self.buffer[self.filled..])
    }

    /// Say that `count` bytes of [`space`](Self::space) are used.
    pub(super) fn filled(&mut self, count: usize) {
        self.filled += count;
        assert!(
            self.filled <= self.buffer.len(),
            "more bytes than the buffer has"
        );
    }

    pub(super) fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let space = self.space()?;
            let count = space.len().min(bytes.len());
            let (now, later) = bytes.split_at(count);
            space[..count].copy_from_slice(now);
            self.filled(count);
            bytes = later;
        }
        Ok(())
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.truncate(self.filled);
        self.filled = 0;
        if buffer.is_empty() {
            return Ok(());
        }
        self.full.send(buffer).map_err(|_| gone())
    }

    fn finish(mut self) -> io::Result<()> {
        self.hand_over()
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the hashing thread has stopped")
}
