//! Reading the lines that Git writes to a hook: `<old> <new> <ref>`, nothing else, to the end.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};

use super::{PushError, RefUpdate};
use crate::name::MAX_FULL_BYTES;
use crate::object::{ObjectFormat, ObjectId};

/// Most refs that one push may update.
pub const MAX_UPDATES: usize = 20_000;

/// Read every update of a push to a repository of this format.
///
/// # Errors
/// [`PushError`]: a line that is anything else, too many lines, none, or an input that ends early.
pub fn read_updates(
    input: &mut impl BufRead,
    format: ObjectFormat,
) -> Result<Vec<RefUpdate>, PushError> {
    let longest = 2 * (format.hex_len() + 1) + MAX_FULL_BYTES + 1;
    let mut updates = Vec::new();
    let mut names = BTreeSet::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input
            .by_ref()
            .take(longest as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|source| PushError::Io { source })?;
        if read == 0 {
            break;
        }
        let number = updates.len() + 1;
        // A line without its end may be the beginning of another.
        let text = line
            .strip_suffix(b"\n")
            .ok_or(PushError::Line { line: number })?;
        let update = parse(text, format, number)?;
        if !names.insert(update.name.clone()) {
            return Err(PushError::Twice {
                name: update.name.to_string(),
            });
        }
        if updates.len() == MAX_UPDATES {
            return Err(PushError::TooMany { max: MAX_UPDATES });
        }
        updates.push(update);
    }
    if updates.is_empty() {
        return Err(PushError::Empty);
    }
    Ok(updates)
}

/// One line without its end.
pub(super) fn parse(
    text: &[u8],
    format: ObjectFormat,
    line: usize,
) -> Result<RefUpdate, PushError> {
    let wrong = PushError::Line { line };
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(wrong);
    };
    let mut parts = text.splitn(3, ' ');
    let (Some(old), Some(new), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong);
    };
    let (Some(old), Some(new)) = (side(old, format), side(new, format)) else {
        return Err(wrong);
    };
    if old.is_none() && new.is_none() {
        return Err(wrong);
    }
    let name = name
        .parse()
        .map_err(|source| PushError::Name { line, source })?;
    Ok(RefUpdate { name, old, new })
}

/// An id, or all zeros for nothing.
fn side(text: &str, format: ObjectFormat) -> Option<Option<ObjectId>> {
    if text.len() != format.hex_len() || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    if text.bytes().all(|byte| byte == b'0') {
        return Some(None);
    }
    text.parse().ok().map(Some)
}
