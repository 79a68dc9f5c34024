//! From bytes to lines.
//!
//= spec/rpc.md#framing

use super::MAX_LINE_BYTES;

/// Why bytes are no line. What follows them is read all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// Longer than a line may be
    #[error("a line has more than {MAX_LINE_BYTES} bytes")]
    TooLong,
    /// No text
    #[error("a line is not UTF-8: byte {at} is not")]
    NotUtf8 {
        /// Where in the line, from 0
        at: usize,
    },
    /// The end came before the line break
    #[error("the last line has no line break")]
    Unfinished,
}

/// Cuts what is received into lines. It holds one line and what was fed last, never more.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the line that is to be cut next begins
    begin: usize,
    /// Up to where there is no line break
    seen: usize,
    /// Whether the rest of a line that was too long is to be dropped
    skipping: bool,
}

impl Framer {
    /// Nothing received yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes were received.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.begin > 0 {
            self.buffer.drain(..self.begin);
            self.seen -= self.begin;
            self.begin = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next line without its break, if all of it is here. Blank lines are passed over.
    pub fn next_line(&mut self) -> Option<Result<String, FrameError>> {
        loop {
            let rest = self.buffer.get(self.seen..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                self.seen = self.buffer.len();
                return self.overlong().then_some(Err(FrameError::TooLong));
            };
            let end = self.seen + length;
            let line = self.buffer.get(self.begin..end).unwrap_or_default();
            let line = if std::mem::take(&mut self.skipping) || is_blank(line) {
                None
            } else if line.len() >= MAX_LINE_BYTES {
                Some(Err(FrameError::TooLong))
            } else {
                Some(text(line))
            };
            self.begin = end + 1;
            self.seen = self.begin;
            if line.is_some() {
                return line;
            }
        }
    }

    /// How many bytes are held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Nothing more will be received.
    ///
    /// # Errors
    /// A line that was begun.
    pub fn finish(&self) -> Result<(), FrameError> {
        let rest = self.buffer.get(self.begin..).unwrap_or_default();
        if self.skipping || is_blank(rest) {
            Ok(())
        } else {
            Err(FrameError::Unfinished)
        }
    }

    /// Whether the line at hand has just become too long; what is here of it is dropped.
    fn overlong(&mut self) -> bool {
        let held = self.buffer.len() - self.begin;
        if !self.skipping && held < MAX_LINE_BYTES {
            return false;
        }
        let already = std::mem::replace(&mut self.skipping, true);
        self.buffer.clear();
        (self.begin, self.seen) = (0, 0);
        !already
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

fn text(line: &[u8]) -> Result<String, FrameError> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(FrameError::NotUtf8 {
            at: error.valid_up_to(),
        }),
    }
}
