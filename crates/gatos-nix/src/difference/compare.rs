//! Walking two archives side by side.

use std::cmp::Ordering;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::cause::Cause;
use super::error::CompareError;
use super::{Content, Difference, FileDigest, SHOWN_BYTES, SHOWN_CHARACTERS, What, binary, text};
use crate::nar::{self, Archive, Entry, Node};
use crate::nix::plain;

/// Files up to this size are looked at whole to find a cause; of larger ones a part is.
pub(super) const WHOLE_BYTES: u64 = 32 << 20;
/// How much is looked at around the first difference of a larger file, to either side.
const WINDOW_BYTES: u64 = 256 << 10;

pub(super) fn compare(
    expected: Archive<'_>,
    actual: Archive<'_>,
) -> Result<Option<Difference>, CompareError> {
    let read = |source| CompareError::Read { source };
    let old = nar::list(&mut expected.open().map_err(read)?)?;
    let new = nar::list(&mut actual.open().map_err(read)?)?;
    let (mut left, mut right) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.path.cmp(&b.path),
        };
        match (
            order,
            left.next_if(|_| order.is_le()),
            right.next_if(|_| order.is_ge()),
        ) {
            (Ordering::Equal, Some(a), Some(b)) => {
                if let Some((what, cause)) = entry(a, b, expected, actual).map_err(read)? {
                    return Ok(Some(Difference {
                        path: a.path.clone(),
                        what,
                        cause,
                    }));
                }
            }
            (_, Some(entry), _) => return Ok(Some(alone(entry, What::Missing, &old, &new))),
            (_, _, Some(entry)) => return Ok(Some(alone(entry, What::Extra, &old, &new))),
            (_, None, None) => return Ok(None),
        }
    }
}

/// Something that only one side has.
fn alone(entry: &Entry, what: What, old: &[Entry], new: &[Entry]) -> Difference {
    let (mine, others) = match what {
        What::Missing => (old, new),
        _ => (new, old),
    };
    let unmatched = |from: &[Entry], against: &[Entry]| -> Vec<std::path::PathBuf> {
        let here = from.iter().map(|e| &e.path);
        here.filter(|path| path.parent() == entry.path.parent())
            .filter(|path| !against.iter().any(|other| other.path == **path))
            .cloned()
            .collect()
    };
    // A counterpart that has another name means that the name is what changes.
    let renamed = unmatched(mine, others).len() == unmatched(others, mine).len();
    let cause = match unmatched(others, mine).first() {
        Some(counterpart) if renamed => text::name_cause(&entry.path, counterpart),
        _ => Cause::FileSet,
    };
    Difference {
        path: entry.path.clone(),
        what,
        cause,
    }
}

fn entry(
    a: &Entry,
    b: &Entry,
    expected: Archive<'_>,
    actual: Archive<'_>,
) -> io::Result<Option<(What, Cause)>> {
    Ok(match (&a.node, &b.node) {
        (Node::Directory, Node::Directory) => None,
        (Node::Symlink { target: old }, Node::Symlink { target: new }) => (old != new).then(|| {
            let cause = text::name_cause(old, new);
            (What::Target(old.clone(), new.clone()), cause)
        }),
        (
            Node::Regular {
                executable: old,
                offset: a_at,
                size: a_size,
            },
            Node::Regular {
                executable: new,
                offset: b_at,
                size: b_size,
            },
        ) => {
            if old != new {
                return Ok(Some((What::Executable(*old, *new), Cause::Mode)));
            }
            let left = Part {
                archive: expected,
                at: *a_at,
                size: *a_size,
            };
            let right = Part {
                archive: actual,
                at: *b_at,
                size: *b_size,
            };
            content(&a.path, &left, &right)?
        }
        (old, new) => Some((What::Type(kind(old), kind(new)), Cause::Unknown)),
    })
}

const fn kind(node: &Node) -> &'static str {
    match node {
        Node::Directory => "folder",
        Node::Symlink { .. } => "symbolic link",
        Node::Regular { .. } => "file",
    }
}

/// The contents of one file inside an archive.
struct Part<'a> {
    archive: Archive<'a>,
    at: u64,
    size: u64,
}

impl<'a> Part<'a> {
    /// Read from `from` on, at most `length` bytes.
    fn open(&self, from: u64, length: u64) -> io::Result<Box<dyn Read + Send + 'a>> {
        let from = from.min(self.size);
        let length = length.min(self.size - from);
        self.archive.part(self.at + from, length).open()
    }

    fn bytes(&self, from: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(from, length)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn digest(&self) -> io::Result<FileDigest> {
        let mut hasher = Sha256::new();
        let mut reader = self.open(0, self.size)?;
        let mut buffer = vec![0; 256 << 10];
        loop {
            match reader.read(&mut buffer)? {
                0 => break,
                read => hasher.update(&buffer[..read]),
            }
        }
        Ok(FileDigest {
            sha256: hasher.finalize().into(),
            size: self.size,
        })
    }
}

fn content(path: &Path, old: &Part<'_>, new: &Part<'_>) -> io::Result<Option<(What, Cause)>> {
    let Some(offset) = first_differing_byte(old, new)? else {
        return Ok(None);
    };
    let whole = old.size.max(new.size) <= WHOLE_BYTES;
    let from = if whole {
        0
    } else {
        offset.saturating_sub(WINDOW_BYTES)
    };
    let length = if whole { WHOLE_BYTES } else { 2 * WINDOW_BYTES };
    let sample = Sample {
        path,
        old: old.bytes(from, length)?,
        new: new.bytes(from, length)?,
        // Within a window, so it fits.
        at: usize::try_from(offset - from).unwrap_or(usize::MAX),
        from,
    };
    let lines = sample.lines();
    let cause = match &lines {
        Some((old, new)) => text::cause(&sample, old, new),
        None => binary::cause(&sample),
    };
    let line = match lines {
        Some((a, b)) => Some((line_number(old, offset)?, shown(&a), shown(&b))),
        None => None,
    };
    let content = Content {
        offset,
        digests: (old.digest()?, new.digest()?),
        line,
        bytes: (
            old.bytes(offset, SHOWN_BYTES as u64)?,
            new.bytes(offset, SHOWN_BYTES as u64)?,
        ),
    };
    Ok(Some((What::Content(Box::new(content)), cause)))
}

fn first_differing_byte(old: &Part<'_>, new: &Part<'_>) -> io::Result<Option<u64>> {
    let (mut a, mut b) = (old.open(0, old.size)?, new.open(0, new.size)?);
    let (mut left, mut right) = (vec![0; 256 << 10], vec![0; 256 << 10]);
    let mut at = 0;
    loop {
        let (m, n) = (fill(&mut a, &mut left)?, fill(&mut b, &mut right)?);
        let common = left[..m]
            .iter()
            .zip(&right[..n])
            .take_while(|(x, y)| x == y)
            .count();
        if common < m.max(n) {
            return Ok(Some(at + common as u64));
        }
        if m == 0 {
            return Ok(None);
        }
        at += m as u64;
    }
}

fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn line_number(part: &Part<'_>, offset: u64) -> io::Result<u64> {
    let mut reader = part.open(0, offset)?;
    let mut buffer = vec![0; 256 << 10];
    let mut lines = 1;
    loop {
        match fill(&mut reader, &mut buffer)? {
            0 => return Ok(lines),
            read => lines += buffer[..read].iter().filter(|b| **b == b'\n').count() as u64,
        }
    }
}

fn shown(line: &str) -> String {
    let mut text: String = plain(line).chars().take(SHOWN_CHARACTERS).collect();
    if line.chars().count() > SHOWN_CHARACTERS {
        text.push('…');
    }
    text
}

/// What a cause is guessed from: both files, or a part of each around the first difference.
pub(super) struct Sample<'a> {
    pub(super) path: &'a Path,
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    /// Where the first difference is in `old` and `new`
    pub(super) at: usize,
    /// Where `old` and `new` begin in their files
    pub(super) from: u64,
}

impl Sample<'_> {
    /// The first differing lines, if both files are text.
    fn lines(&self) -> Option<(String, String)> {
        let line = |bytes: &[u8]| {
            // A window may begin or end inside a character; a whole file may not.
            let is_text = self.from > 0 || std::str::from_utf8(bytes).is_ok();
            if bytes.contains(&0) || !is_text {
                return None;
            }
            let at = self.at.min(bytes.len());
            let before = &bytes[..at];
            let start = before
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |i| i + 1);
            let end = bytes[at..]
                .iter()
                .position(|b| *b == b'\n')
                .map_or(bytes.len(), |i| at + i);
            Some(String::from_utf8_lossy(&bytes[start..end]).into_owned())
        };
        Some((line(&self.old)?, line(&self.new)?))
    }
}
