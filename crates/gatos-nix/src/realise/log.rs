//! What a job printed.

/// Most bytes of a log that are kept.
const MAX_BYTES: usize = 16 << 20;

/// The log of a build: the lines that it printed to standard output and error.
///
/// The first 16 MiB are kept; [`dropped`](Self::dropped) says how much came after them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Log {
    text: String,
    dropped: u64,
}

impl Log {
    pub(crate) fn push(&mut self, line: &str) {
        if self.dropped == 0 && self.text.len() + line.len() < MAX_BYTES {
            self.text.push_str(line);
            self.text.push('\n');
        } else {
            self.dropped += line.len() as u64 + 1;
        }
    }

    /// The text, each line with its line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many bytes were not kept.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}
