//! Running one process: its output as it comes, a deadline, a way to stop it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running process is looked after when it says nothing.
const TICK: Duration = Duration::from_millis(100);
/// How long a process that was asked to stop may take before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// Longest line that is kept; the rest of a longer one is dropped, so that memory stays bounded.
const MAX_LINE_BYTES: u64 = 8 << 20;
/// Most bytes of standard output that are kept; what we ask Nix answers in far less.
const MAX_STDOUT_BYTES: u64 = 256 << 20;

/// A request to stop, shared between the one who asks (a signal handler) and those who work.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A request that nobody has made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A request on a flag that somebody else raises, for instance a signal handler.
    #[must_use]
    pub const fn on(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Ask everybody who holds a copy to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why a process is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    /// By itself
    Exited(ExitStatus),
    /// Because the deadline passed
    TimedOut,
    /// Because somebody asked
    Cancelled,
    /// Because a disk was nearly full
    DiskFull,
}

/// How long a process may run.
#[derive(Clone, Debug)]
pub(crate) struct Leash {
    pub(crate) timeout: Option<Duration>,
    pub(crate) cancel: Cancel,
    pub(crate) orphan: Orphan,
    /// Folders on whose disks [`RESERVE_BYTES`] must stay free
    pub(crate) disks: Vec<PathBuf>,
}

/// What becomes of a process whose parent, this program, is killed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Orphan {
    /// It ends soon anyway
    Lives,
    /// It is asked to stop
    Ends,
}

/// Room that a build may not take: with a full disk not even its failure could be recorded.
pub const RESERVE_BYTES: u64 = 256 << 20;

/// A finished process.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) ended: Ended,
    pub(crate) stdout: Vec<u8>,
}

enum Message {
    Line(Vec<u8>),
    Stdout(io::Result<Vec<u8>>),
    Fed(io::Result<()>),
}

/// Run `command` and hand each line of its standard error to `line`, without the line feed.
///
/// `feed`, if given, writes the standard input from a thread of its own. The process is the leader
/// of a new group, so that ctrl-C reaches it through `leash` and not behind our back.
pub(crate) fn run(
    command: &mut Command,
    leash: &Leash,
    feed: Option<Feed<'_>>,
    line: &mut dyn FnMut(&[u8]),
) -> io::Result<Finished> {
    if leash.cancel.is_cancelled() {
        return Ok(Finished {
            ended: Ended::Cancelled,
            stdout: Vec::new(),
        });
    }
    command
        .stdin(if feed.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn()?;
    let _watch = (leash.orphan == Orphan::Ends).then(|| Watch::over(&child));
    let (sender, messages) = channel();
    thread::scope(|scope| {
        let stdin = child.stdin.take();
        if let (Some(feed), Some(stdin)) = (feed, stdin) {
            let sender = sender.clone();
            scope.spawn(move || sender.send(Message::Fed(feed_all(feed, stdin))));
        }
        if let Some(stdout) = child.stdout.take() {
            let sender = sender.clone();
            scope.spawn(move || sender.send(Message::Stdout(read_all(stdout))));
        }
        if let Some(stderr) = child.stderr.take() {
            scope.spawn(move || read_lines(stderr, &sender));
        }
        supervise(&mut child, leash, &messages, line)
    })
}

/// Writes the standard input of a process.
pub(crate) type Feed<'a> = Box<dyn FnOnce(&mut (dyn Write + Send)) -> io::Result<()> + Send + 'a>;

fn supervise(
    child: &mut Child,
    leash: &Leash,
    messages: &Receiver<Message>,
    line: &mut dyn FnMut(&[u8]),
) -> io::Result<Finished> {
    let started = Instant::now();
    let mut stop: Option<(Ended, Instant)> = None;
    let mut stdout = Vec::new();
    let mut trouble = None;
    loop {
        match messages.recv_timeout(TICK) {
            Ok(Message::Line(text)) => line(&text),
            Ok(Message::Stdout(Ok(bytes))) => stdout = bytes,
            Ok(Message::Stdout(Err(error)) | Message::Fed(Err(error))) => trouble = Some(error),
            Ok(Message::Fed(Ok(()))) | Err(RecvTimeoutError::Timeout) => {}
            // Every pipe is closed, so the process is over or about to be.
            Err(RecvTimeoutError::Disconnected) => break,
        }
        match stop {
            None if leash.cancel.is_cancelled() => {
                stop = Some((Ended::Cancelled, Instant::now()));
                signal(child, Signal::TERM);
            }
            None if leash.disks.iter().any(|folder| is_nearly_full(folder)) => {
                stop = Some((Ended::DiskFull, Instant::now()));
                signal(child, Signal::TERM);
            }
            None if leash.timeout.is_some_and(|limit| started.elapsed() > limit) => {
                stop = Some((Ended::TimedOut, Instant::now()));
                signal(child, Signal::TERM);
            }
            Some((_, since)) if since.elapsed() > GRACE => signal(child, Signal::KILL),
            _ => {}
        }
    }
    let status = child.wait()?;
    let ended = stop.map_or(Ended::Exited(status), |(why, _)| why);
    match trouble {
        // A process that fails stops reading; its own message is the better one.
        Some(error) if status.success() && stop.is_none() => Err(error),
        _ => Ok(Finished { ended, stdout }),
    }
}

/// Whether less than the reserve is free; a disk that does not tell is not.
fn is_nearly_full(folder: &Path) -> bool {
    rustix::fs::statvfs(folder)
        .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < RESERVE_BYTES)
}

/// Somebody who ends a process when this program is killed, which it cannot do itself then.
///
/// A shell reads from a pipe that only this program holds. It hears a word when all is over, and the
/// end of the pipe when this program is gone.
struct Watch(Option<(Child, ChildStdin)>);

impl Watch {
    fn over(child: &Child) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", "read -r word || kill -TERM \"-$1\"", "sh"])
            .arg(child.id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        // Without a shell nobody watches, and nothing else is different.
        let watcher = shell.spawn().ok();
        Self(watcher.and_then(|mut shell| {
            let stdin = shell.stdin.take()?;
            Some((shell, stdin))
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((mut shell, mut stdin)) = self.0.take() {
            if stdin.write_all(b"over\n").is_err() {
                // It must not take the end of the pipe for the end of this program.
                let _ = shell.kill();
            }
            drop(stdin);
            let _ = shell.wait();
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may be gone already.
        let _ = kill_process_group(pid, signal);
    }
}

fn feed_all(feed: Feed<'_>, mut stdin: ChildStdin) -> io::Result<()> {
    feed(&mut stdin)?;
    stdin.flush()
}

fn read_all(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.by_ref()
        .take(MAX_STDOUT_BYTES)
        .read_to_end(&mut bytes)?;
    // What is too much is read all the same, or the process would wait for us for ever.
    io::copy(&mut from, &mut io::sink())?;
    Ok(bytes)
}

fn read_lines(stderr: impl Read, sender: &Sender<Message>) {
    let mut reader = BufReader::new(stderr);
    loop {
        let mut text = Vec::new();
        match reader
            .by_ref()
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut text)
        {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if text.last() == Some(&b'\n') {
            text.pop();
        } else if reader.skip_until(b'\n').is_err() {
            return;
        }
        if sender.send(Message::Line(text)).is_err() {
            return;
        }
    }
}

/// The exit code, or 128 and the signal as shells count it.
pub(crate) fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// A command as a person would type it, for messages.
pub(crate) fn shown(program: &OsStr, arguments: &[std::ffi::OsString]) -> String {
    let mut text = program.to_string_lossy().into_owned();
    for argument in arguments {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
