//! A Nix that was started before it is needed: `nix-store --serve`, which waits for a question.
//!
//! A program of Nix takes as long to start as a small job takes to run. This one starts beside a
//! build, and answers when that is over. It speaks the protocol of stores that are reached over
//! SSH, which has not changed since Nix 2.0 in what is used here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use gatos_core::job::NarDigest;

use super::{AskNixError, Nix, Registration};
use crate::store_path::StorePath;

const HELLO: u64 = 0x390c_9deb;
const HELLO_BACK: u64 = 0x5452_eecb;
/// 2.5; what is used here came with 2.4.
const PROTOCOL: u64 = 0x205;
const OLDEST_PROTOCOL: u64 = 0x204;
const NEXT_MAJOR_PROTOCOL: u64 = 0x300;
const QUERY_PATH_INFOS: u64 = 2;
/// Longest text in an answer: a hash, a path or a signature.
const MAX_TEXT_BYTES: u64 = 1 << 16;
/// Most texts in one list of an answer.
const MAX_TEXTS: u64 = 1 << 16;

/// How often it is looked whether somebody asked to stop.
const TICK: Duration = Duration::from_millis(100);
/// How long an answer may take before another Nix is asked.
const PATIENCE: Duration = Duration::from_secs(30);

/// One that waits. It is ended when dropped, and ends by itself when this program does.
#[derive(Debug)]
pub(crate) struct Waiting {
    nix: Nix,
    talk: Option<(Child, ChildStdin, BufReader<ChildStdout>)>,
}

impl Nix {
    /// Start a Nix that will be asked later. If that fails, another one is asked then.
    pub(crate) fn waiting(&self) -> Waiting {
        let arguments: [OsString; 1] = ["--serve".into()];
        let mut command = self.command("nix-store", &arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let talk = command.spawn().ok().and_then(|mut child| {
            let (stdin, stdout) = (child.stdin.take()?, child.stdout.take()?);
            Some((child, stdin, BufReader::new(stdout)))
        });
        Waiting {
            nix: self.clone(),
            talk,
        }
    }
}

impl Waiting {
    /// What Nix has on record about these store paths; a path that is not valid is left out.
    ///
    /// # Errors
    /// As [`Nix::registrations`], which is asked if this one does not answer as expected.
    pub(crate) fn registrations(
        &mut self,
        paths: &BTreeSet<StorePath>,
    ) -> Result<BTreeMap<StorePath, Registration>, AskNixError> {
        match self.answer(paths) {
            Some(found) if found.keys().all(|path| paths.contains(path)) => Ok(found),
            _ => self.nix.registrations(paths),
        }
    }

    /// What it answers, if it does so in time and before somebody asks to stop.
    fn answer(&mut self, paths: &BTreeSet<StorePath>) -> Option<BTreeMap<StorePath, Registration>> {
        let (child, stdin, stdout) = self.talk.as_mut()?;
        let (sender, answers) = channel();
        let asked = Instant::now();
        thread::scope(|scope| {
            scope.spawn(move || sender.send(ask(stdin, stdout, paths)));
            loop {
                match answers.recv_timeout(TICK) {
                    Ok(answer) => return answer.ok(),
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => {
                        if self.nix.cancel.is_cancelled() || asked.elapsed() > PATIENCE {
                            // Its end is an answer that is cut off.
                            let _ = child.kill();
                        }
                    }
                }
            }
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((mut child, stdin, stdout)) = self.talk.take() {
            // At the end of its input it ends by itself, and writes nothing that could be lost.
            drop((stdin, stdout));
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ask(
    to: &mut impl Write,
    from: &mut impl Read,
    paths: &BTreeSet<StorePath>,
) -> io::Result<BTreeMap<StorePath, Registration>> {
    let mut question = Vec::new();
    for number in [HELLO, PROTOCOL, QUERY_PATH_INFOS, paths.len() as u64] {
        question.extend_from_slice(&number.to_le_bytes());
    }
    for path in paths {
        put_text(&mut question, &path.to_string());
    }
    to.write_all(&question)?;
    to.flush()?;
    let protocol = (number(from)? == HELLO_BACK)
        .then(|| number(from))
        .transpose()?;
    if !protocol.is_some_and(|p| (OLDEST_PROTOCOL..NEXT_MAJOR_PROTOCOL).contains(&p)) {
        return Err(not_understood());
    }
    let mut found = BTreeMap::new();
    loop {
        let path = text(from)?;
        if path.is_empty() {
            return Ok(found);
        }
        let path: StorePath = path.parse().map_err(|_| not_understood())?;
        found.insert(path, registration(from)?);
    }
}

/// Deriver, references, download size, NAR size, hash, content address, signatures.
fn registration(from: &mut impl Read) -> io::Result<Registration> {
    let parse = |text: String| text.parse().map_err(|_| not_understood());
    let deriver = match text(from)? {
        none if none.is_empty() => None,
        path => Some(parse(path)?),
    };
    let references = texts(from)?
        .into_iter()
        .map(parse)
        .collect::<io::Result<_>>()?;
    let (_download, size) = (number(from)?, number(from)?);
    let hash = text(from)?;
    let hash = hash.strip_prefix("sha256:").ok_or_else(not_understood)?;
    let hash = nix_derivation::nixbase32::decode(hash.as_bytes()).map_err(|_| not_understood())?;
    let sha256 = hash.try_into().map_err(|_| not_understood())?;
    let (_address, _signatures) = (text(from)?, texts(from)?);
    Ok(Registration {
        nar: NarDigest { sha256, size },
        references,
        deriver,
    })
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    to.extend_from_slice(&(text.len() as u64).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
    to.resize(to.len().next_multiple_of(8), 0);
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn text(from: &mut impl Read) -> io::Result<String> {
    let length = number(from)?;
    if length > MAX_TEXT_BYTES {
        return Err(not_understood());
    }
    let length = usize::try_from(length).map_err(|_| not_understood())?;
    let mut bytes = vec![0; length.next_multiple_of(8)];
    from.read_exact(&mut bytes)?;
    bytes.truncate(length);
    String::from_utf8(bytes).map_err(|_| not_understood())
}

fn texts(from: &mut impl Read) -> io::Result<Vec<String>> {
    let count = number(from)?;
    if count > MAX_TEXTS {
        return Err(not_understood());
    }
    (0..count).map(|_| text(from)).collect()
}

fn not_understood() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "an answer that is not understood",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{HELLO_BACK, ask, put_text};

    const PATH: &str = "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a";

    fn answer(hash: &str, protocol: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let put = |bytes: &mut Vec<u8>, number: u64| bytes.extend(number.to_le_bytes());
        put(&mut bytes, HELLO_BACK);
        put(&mut bytes, protocol);
        put_text(&mut bytes, PATH);
        put_text(&mut bytes, "");
        put(&mut bytes, 1);
        put_text(&mut bytes, PATH);
        put(&mut bytes, 0);
        put(&mut bytes, 120);
        put_text(&mut bytes, hash);
        put_text(&mut bytes, "");
        put(&mut bytes, 0);
        put_text(&mut bytes, "");
        bytes
    }

    #[test]
    fn answers_are_read_or_refused() {
        let paths: BTreeSet<_> = [PATH.parse().unwrap()].into();
        let zeros = format!("sha256:{}", "0".repeat(52));
        let read = |bytes: &[u8]| ask(&mut Vec::new(), &mut &*bytes, &paths);
        let found = read(&answer(&zeros, 0x205)).unwrap();
        let registration = found.values().next().unwrap();
        assert_eq!(registration.nar.size, 120);
        assert_eq!(registration.nar.sha256, [0; 32]);
        assert_eq!(registration.references, paths);
        assert!(read(&answer(&zeros, 0x203)).is_err(), "too old");
        assert!(read(&answer(&zeros, 0x301)).is_err(), "too new");
        assert!(read(&answer("sha1:0", 0x205)).is_err(), "another hash");
        assert!(read(&answer(&zeros, 0x205)[..100]).is_err(), "cut off");
        assert!(read(b"nix-store: cannot serve").is_err(), "no protocol");
    }
}
