//! Where two outputs first differ, and what may be the reason. `docs/spec/job.md#difference`.

mod binary;
mod cause;
mod compare;
mod error;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gatos_core::experiment;

use crate::nar::{self, Archive};
use crate::nix::plain;

pub use self::cause::Cause;
pub use self::error::CompareError;

/// Longest part of a line that is shown, in characters.
const SHOWN_CHARACTERS: usize = 240;
/// How many bytes are shown of a file that is no text.
const SHOWN_BYTES: usize = 16;

/// The first difference between an output as it was recorded and as it is now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path inside the output; empty for the output itself
    pub path: PathBuf,
    /// What differs there
    pub what: What,
    /// What may be the reason
    pub cause: Cause,
}

/// What differs at a path. The first of two things is always what was recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// It was recorded and is not there now
    Missing,
    /// It is there now and was not recorded
    Extra,
    /// It is of another kind: file, folder or symbolic link
    Type(&'static str, &'static str),
    /// One may be executed, the other not
    Executable(bool, bool),
    /// A symbolic link points elsewhere
    Target(PathBuf, PathBuf),
    /// A file has other contents
    Content(Box<Content>),
}

/// How the contents of a file differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Content {
    /// Where the first byte differs; the length of the shorter file if one begins the other
    pub offset: u64,
    /// Digest and length of the contents as recorded, and now
    pub digests: (FileDigest, FileDigest),
    /// The number of the first differing line, from 1, and the lines, if both files are text
    pub line: Option<(u64, String, String)>,
    /// The bytes from the first difference on, at most 16
    pub bytes: (Vec<u8>, Vec<u8>),
}

/// SHA-256 and length of a file's contents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileDigest {
    /// SHA-256
    pub sha256: [u8; 32],
    /// Length in bytes
    pub size: u64,
}

/// Find the first difference, in the order of the archive, between what was recorded and the tree
/// at `actual`. `None` if there is none.
///
/// # Errors
/// `expected` is not a NAR, or `actual` cannot be archived; the archive of `actual` goes to a
/// temporary file.
pub fn first_difference(
    expected: Archive<'_>,
    actual: &Path,
) -> Result<Option<Difference>, CompareError> {
    let file = tempfile::NamedTempFile::new().map_err(|source| CompareError::Spool { source })?;
    let mut out = std::io::BufWriter::new(file);
    let digest = nar::write(actual, &mut out)?;
    let file = out.into_inner().map_err(|error| CompareError::Spool {
        source: error.into_error(),
    })?;
    let actual = Archive::File {
        path: file.path(),
        offset: 0,
        size: digest.size,
    };
    compare::compare(expected, actual)
}

/// Find the first difference between two archives. `None` if there is none.
///
/// # Errors
/// One of them is not a NAR, or cannot be read.
pub fn first_difference_of_archives(
    expected: Archive<'_>,
    actual: Archive<'_>,
) -> Result<Option<Difference>, CompareError> {
    compare::compare(expected, actual)
}

impl Difference {
    /// The difference as it stands in a signed reproduction.
    #[must_use]
    pub fn to_statement(&self, output: &str) -> experiment::Difference {
        let (expected, actual) = self.what.sides();
        let content = match &self.what {
            What::Content(content) => Some(content),
            _ => None,
        };
        experiment::Difference {
            output: output.to_owned(),
            path: plain(&self.path.to_string_lossy()),
            what: self.what.word().to_owned(),
            offset: content.map(|content| content.offset),
            line: content.and_then(|content| Some(content.line.as_ref()?.0)),
            expected,
            actual,
            cause: self.cause.to_string(),
            hint: self.cause.hint().to_owned(),
        }
    }
}

impl What {
    /// The word for it in a signed reproduction.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Type(..) => "type",
            Self::Executable(..) => "executable",
            Self::Target(..) | Self::Content(_) => "content",
        }
    }

    /// Both sides in words.
    fn sides(&self) -> (String, String) {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let may = |executable: bool| {
            if executable {
                "executable"
            } else {
                "not executable"
            }
        };
        match self {
            Self::Missing => pair("there", "not there"),
            Self::Extra => pair("not there", "there"),
            Self::Type(expected, actual) => pair(expected, actual),
            Self::Executable(expected, actual) => pair(may(*expected), may(*actual)),
            Self::Target(expected, actual) => pair(
                &format!("-> {}", plain(&expected.to_string_lossy())),
                &format!("-> {}", plain(&actual.to_string_lossy())),
            ),
            Self::Content(content) => content.sides(),
        }
    }
}

impl Content {
    fn sides(&self) -> (String, String) {
        if let Some((_, expected, actual)) = &self.line {
            return (expected.clone(), actual.clone());
        }
        let side = |bytes: &[u8], digest: &FileDigest| {
            format!(
                "{} (sha256 {}, {} bytes)",
                hex(bytes, " "),
                hex(&digest.sha256, ""),
                digest.size
            )
        };
        let (expected, actual) = &self.bytes;
        (
            side(expected, &self.digests.0),
            side(actual, &self.digests.1),
        )
    }
}

fn hex(bytes: &[u8], separator: &str) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
