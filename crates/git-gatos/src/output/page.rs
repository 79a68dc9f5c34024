//! A page of text for people. All text from outside goes through [`visible`](super::visible) here,
//! so that no report can forget it.

use std::fmt::{Display, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::style::Tone;
use super::visible;

/// Columns that the names of fields take.
const FIELD_WIDTH: usize = 12;
/// Columns between those of a table.
const GAP: &str = "  ";

/// Whether a page may hold colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ink {
    /// With colours
    Coloured,
    /// Plain text
    Plain,
}

/// How a check or a comparison ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    /// As it should be
    Ok,
    /// Not as it should be
    Fail,
    /// Not looked at
    Skip,
    /// To be looked at by somebody
    Warn,
}

impl Mark {
    const fn word(self) -> (&'static str, Tone) {
        match self {
            Self::Ok => ("ok  ", Tone::Good),
            Self::Fail => ("FAIL", Tone::Bad),
            Self::Skip => ("skip", Tone::Warning),
            Self::Warn => ("warn", Tone::Warning),
        }
    }
}

/// Text being written for a person.
#[derive(Debug)]
pub(crate) struct Page {
    ink: Ink,
    text: String,
}

impl Page {
    /// An empty page.
    pub(crate) const fn new(ink: Ink) -> Self {
        Self {
            ink,
            text: String::new(),
        }
    }

    /// What was written.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless the page is still empty.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// An empty line after this item, where one item follows another.
    pub(crate) fn end_paragraph(&mut self) {
        self.text.push('\n');
    }

    /// A line.
    pub(crate) fn line(&mut self, tone: Tone, text: impl Display) {
        self.put(tone, text);
        self.text.push('\n');
    }

    /// Lines, of which each stays one; what lacks a line break at its end gets one.
    pub(crate) fn block(&mut self, indent: &str, text: &str) {
        for line in text.lines() {
            self.text.push_str(indent);
            self.text.push_str(&visible::block(line));
            self.text.push('\n');
        }
    }

    /// A named value.
    pub(crate) fn field(&mut self, name: &str, value: impl Display) {
        self.toned_field(name, Tone::Plain, value);
    }

    /// A named value of some tone.
    pub(crate) fn toned_field(&mut self, name: &str, tone: Tone, value: impl Display) {
        self.put(Tone::Faint, format_args!("{name:<FIELD_WIDTH$}"));
        self.text.push(' ');
        self.line(tone, value);
    }

    /// A named value, where there is one.
    pub(crate) fn maybe_field(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    /// A thing that was checked, and how that ended.
    pub(crate) fn check(&mut self, mark: Mark, what: impl Display, detail: &str) {
        let (word, tone) = mark.word();
        self.put(tone, word);
        self.text.push(' ');
        self.put(Tone::Plain, what);
        if !detail.is_empty() {
            self.text.push_str(": ");
            let tone = if mark == Mark::Fail {
                Tone::Bad
            } else {
                Tone::Faint
            };
            self.put(tone, detail);
        }
        self.text.push('\n');
    }

    /// Rows under headings, in columns; numbers are right-aligned by columns whose heading begins
    /// with `#`.
    pub(crate) fn table<const N: usize>(&mut self, heads: [&str; N], rows: &[[String; N]]) {
        let right = heads.map(|head| head.starts_with('#'));
        let heads = heads.map(|head| head.trim_start_matches('#').to_owned());
        let rows: Vec<[String; N]> = rows
            .iter()
            .map(|row| row.each_ref().map(|cell| visible::line(cell).into_owned()))
            .collect();
        let mut widths = heads.each_ref().map(|head| head.width());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        self.row(Tone::Faint, &heads, &widths, &right);
        for row in &rows {
            self.row(Tone::Plain, row, &widths, &right);
        }
    }

    fn row<const N: usize>(
        &mut self,
        tone: Tone,
        cells: &[String; N],
        widths: &[usize; N],
        right: &[bool; N],
    ) {
        let mut line = String::new();
        for (index, ((cell, width), right)) in cells.iter().zip(widths).zip(right).enumerate() {
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) = if *right {
                (&*padding, "")
            } else {
                ("", &*padding)
            };
            let gap = if index == 0 { "" } else { GAP };
            let _ = write!(line, "{gap}{before}{cell}{after}");
        }
        self.line(tone, line.trim_end());
    }

    /// Text of some tone, without a line break.
    pub(crate) fn put(&mut self, tone: Tone, text: impl Display) {
        let text = text.to_string();
        let text = visible::line(&text);
        let style = tone.style();
        if self.ink == Ink::Plain || style.is_plain() {
            self.text.push_str(&text);
        } else {
            let _ = write!(self.text, "{style}{text}{style:#}");
        }
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of pages.

    use super::{Ink, Mark, Page};
    use crate::output::style::Tone;

    fn hostile(ink: Ink) -> String {
        let bad = "a\x1b[2Jb\u{202e}\nc";
        let mut page = Page::new(ink);
        page.line(Tone::Strong, bad);
        page.block("  ", bad);
        page.field(bad, bad);
        page.check(Mark::Fail, bad, bad);
        page.table(["x", "y"], &[[bad.to_owned(), bad.to_owned()]]);
        page.into_text()
    }

    #[test]
    fn a_plain_page_has_no_escapes_whatever_was_put_on_it() {
        let text = hostile(Ink::Plain);
        assert!(
            !text.contains(|c: char| c != '\n' && c.is_control()),
            "{text:?}"
        );
        assert_eq!(text.lines().count(), 1 + 2 + 1 + 1 + 2, "{text}");
    }

    #[test]
    fn a_coloured_page_has_our_escapes_only() {
        let text = hostile(Ink::Coloured);
        assert!(text.contains("\x1b[1ma\\x1b[2Jb"), "{text:?}");
        assert!(
            !text.contains("\x1b[2J") && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }

    #[test]
    fn columns_are_aligned_by_width_and_not_by_length() {
        let mut page = Page::new(Ink::Plain);
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        page.table(["name", "#size"], &[row("東京", "7"), row("ab", "1234")]);
        assert_eq!(page.into_text(), "name  size\n東京     7\nab    1234\n");
    }
}
