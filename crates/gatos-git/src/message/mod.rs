//! Commit messages for readers of `git log`, in which users' text can never pose as a trailer.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

/// Longest subject, in characters; the rest is cut.
const MAX_SUBJECT_CHARS: usize = 100;
/// Longest body, in characters; the rest is cut.
const MAX_BODY_CHARS: usize = 16 << 10;
/// Longest value of a trailer, in characters; the rest is cut.
const MAX_VALUE_CHARS: usize = 1024;

/// A commit message: a subject, a body of users' text, and trailers.
///
/// Every text may come from a user. Line breaks, control characters and characters that reorder
/// text are replaced, the body is indented so that no line of it is a trailer, and lengths are
/// bounded. No verifier reads a message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    subject: String,
    body: Vec<String>,
    trailers: Vec<(&'static str, String)>,
}

impl Message {
    /// A message of one line.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        let subject = one_line(subject, MAX_SUBJECT_CHARS);
        Self {
            subject: if subject.is_empty() {
                "(no subject)".to_owned()
            } else {
                subject
            },
            ..Self::default()
        }
    }

    /// The same with text below the subject.
    #[must_use]
    pub fn with_body(mut self, body: &str) -> Self {
        let body: String = body.chars().take(MAX_BODY_CHARS).collect();
        self.body = body
            .lines()
            .map(|line| one_line(line, MAX_BODY_CHARS))
            .collect();
        self
    }

    /// The same with one more trailer, such as `Gatos-Event`.
    ///
    /// # Panics
    /// If `key`, which is never a user's, is not made of ASCII letters, digits and `-`.
    #[must_use]
    pub fn with_trailer(mut self, key: &'static str, value: &str) -> Self {
        assert!(
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            "a trailer's key is a token"
        );
        self.trailers.push((key, one_line(value, MAX_VALUE_CHARS)));
        self
    }

    /// The text of the commit.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.subject);
        if self.body.iter().any(|line| !line.is_empty()) {
            text.push('\n');
            for line in &self.body {
                let indent = if line.is_empty() { "" } else { "  " };
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{indent}{line}");
            }
        }
        if !self.trailers.is_empty() {
            text.push('\n');
            for (key, value) in &self.trailers {
                let _ = writeln!(text, "{key}: {value}");
            }
        }
        text
    }
}

/// `text` on one line, trimmed, with nothing in it that a terminal would obey.
fn one_line(text: &str, max_chars: usize) -> String {
    let cleaned: String = text
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect();
    let trimmed = cleaned.trim();
    match trimmed.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", trimmed[..end].trim_end()),
        None => trimmed.to_owned(),
    }
}

/// Whether a character reorders or hides its neighbours.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
