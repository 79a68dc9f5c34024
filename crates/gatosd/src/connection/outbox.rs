//! What is to be sent to one program: bounded, and nobody waits for whoever does not read.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatos::rpc::{Answer, Code, Refusal};
use rustix::net::{SendFlags, send};

/// Most bytes that wait for a program to read.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// Lines on their way to a program.
#[derive(Debug)]
pub(super) struct Outbox {
    stream: UnixStream,
    patience: Duration,
    content: Mutex<Content>,
    changed: Condvar,
}

#[derive(Debug)]
struct Content {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of the lines
    bytes: usize,
    /// Whether a part of the first line was sent
    begun: bool,
    /// Whether the thread that writes is at it
    writing: bool,
    end: End,
}

/// How far the end is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// More lines may come
    Open,
    /// What is here is sent, and nothing else
    Last,
    /// Nothing is sent any more
    Over,
}

impl Outbox {
    pub(super) fn new(stream: UnixStream, patience: Duration) -> io::Result<Self> {
        stream.set_write_timeout(Some(patience))?;
        Ok(Self {
            stream,
            patience,
            content: Mutex::new(Content {
                lines: VecDeque::new(),
                bytes: 0,
                begun: false,
                writing: false,
                end: End::Open,
            }),
            changed: Condvar::new(),
        })
    }

    /// Send a line: at once if the program reads, else when it does. This never waits.
    pub(super) fn send(&self, answer: Answer) {
        let line = answer.into_bytes();
        let mut content = self.lock();
        if content.end != End::Open {
            return;
        }
        let mut sent = 0;
        if content.lines.is_empty() && !content.writing {
            match self.send_now(&line) {
                Ok(count) if count == line.len() => return,
                Ok(count) => sent = count,
                Err(_) => return self.give_up(&mut content),
            }
        }
        content.begun = content.begun || sent > 0;
        let rest = line.get(sent..).unwrap_or_default().to_vec();
        content.bytes += rest.len();
        content.lines.push_back(rest);
        if content.bytes > MAX_WAITING_BYTES {
            self.end_as_slow(&mut content);
        }
        drop(content);
        self.changed.notify_all();
    }

    /// Wait until there is room for more, as long as patience lasts. Whether there is.
    pub(super) fn wait_for_room(&self) -> bool {
        let full =
            |content: &mut Content| content.bytes > MAX_WAITING_BYTES / 2 && content.is_open();
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), self.patience, full);
        let (mut content, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && content.is_open() {
            self.end_as_slow(&mut content);
            self.changed.notify_all();
        }
        content.is_open()
    }

    /// Whether lines are still sent.
    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open()
    }

    /// Send what is here, and nothing after it.
    pub(super) fn close(&self) {
        let mut content = self.lock();
        if content.end == End::Open {
            content.end = End::Last;
        }
        drop(content);
        self.changed.notify_all();
    }

    /// Write what could not be sent at once, until the end.
    pub(super) fn write_all(&self) {
        let mut late = false;
        while let Some(line) = self.next() {
            let mut rest = line.as_slice();
            while !rest.is_empty() {
                match (&self.stream).write(rest) {
                    Ok(0) => return self.give_up(&mut self.lock()),
                    Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if is_late(&error) && !late => {
                        // Told once, and then waited for once more.
                        late = true;
                        self.end_as_slow(&mut self.lock());
                    }
                    Err(_) => return self.give_up(&mut self.lock()),
                }
            }
            let mut content = self.lock();
            content.writing = false;
            content.bytes -= line.len().min(content.bytes);
            drop(content);
            self.changed.notify_all();
        }
        self.give_up(&mut self.lock());
    }

    /// The next line to be written; `None` at the end.
    fn next(&self) -> Option<Vec<u8>> {
        let idle = |content: &mut Content| content.lines.is_empty() && content.is_open();
        let waited = self.changed.wait_while(self.lock(), idle);
        let mut content = waited.unwrap_or_else(PoisonError::into_inner);
        if content.end == End::Over {
            return None;
        }
        let line = content.lines.pop_front()?;
        content.writing = true;
        content.begun = false;
        Some(line)
    }

    /// As many bytes as the socket takes without waiting.
    fn send_now(&self, line: &[u8]) -> rustix::io::Result<usize> {
        let mut sent = 0;
        while let Some(rest) = line.get(sent..).filter(|rest| !rest.is_empty()) {
            match send(
                &self.stream,
                rest,
                SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
            ) {
                Ok(count) => sent += count,
                Err(rustix::io::Errno::AGAIN) => break,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// Drop what waits, but for the rest of a line that was begun, and say why.
    fn end_as_slow(&self, content: &mut Content) {
        let keep = usize::from(content.begun);
        content.lines.truncate(keep);
        let reason = "answers were not read; what was recorded stays so".to_owned();
        let refusal = Refusal::new(None, Code::Slow, reason);
        content
            .lines
            .push_back(Answer::refused(&refusal).into_bytes());
        content.bytes = content.lines.iter().map(Vec::len).sum();
        if content.end == End::Open {
            content.end = End::Last;
        }
        // Nothing more is read from a program that does not read.
        let _ = self.stream.shutdown(Shutdown::Read);
    }

    fn give_up(&self, content: &mut Content) {
        content.end = End::Over;
        content.lines.clear();
        content.bytes = 0;
        let _ = self.stream.shutdown(Shutdown::Both);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn is_open(&self) -> bool {
        self.end == End::Open
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
