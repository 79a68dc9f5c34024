//! What is wrong with the rules, where, and what to write instead.
//! `docs/spec/policy.md#diagnostics`.

use std::fmt;

use gatos_core::value::is_unsafe_to_show;

/// Longest line that a message shows, in characters.
const MAX_EXCERPT_CHARS: usize = 200;
/// Most diagnostics of one run.
const MAX_DIAGNOSTICS: usize = 50;

/// A line and a column, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Line
    pub line: u32,
    /// Column
    pub column: u32,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// The name of what is broken, in kebab case; it never changes
    pub code: &'static str,
    /// The module
    pub module: String,
    /// What is wrong, in one sentence
    pub message: String,
    /// What to write instead
    pub help: Option<String>,
    /// Where it begins
    pub place: Place,
    /// The whole line, without its end
    pub excerpt: String,
    /// Number of characters to underline, at least 1
    pub width: u32,
}

/// Everything that is wrong with the modules of a policy.
#[derive(Clone, Debug, Default, Eq, PartialEq, thiserror::Error)]
pub struct Diagnostics {
    /// By module, line and column; never empty in an error
    pub list: Vec<Diagnostic>,
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        let margin = " ".repeat(line.to_string().len());
        writeln!(f, "error[{}]: {}", self.code, printable(&self.message))?;
        writeln!(f, "{margin}--> {}:{line}:{column}", printable(&self.module))?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{line} | {}", printable(&self.excerpt))?;
        write!(f, "{margin} | ")?;
        (1..column).try_for_each(|_| f.write_str(" "))?;
        (0..self.width.max(1)).try_for_each(|_| f.write_str("^"))?;
        if let Some(help) = &self.help {
            write!(f, "\n{margin} = help: {}", printable(help))?;
        }
        Ok(())
    }
}

impl Diagnostics {
    /// `Ok` if nothing is wrong, in order and without repetition.
    pub(crate) fn into_result(mut self) -> Result<(), Self> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list
            .sort_by(|a, b| (&a.module, a.place, a.code).cmp(&(&b.module, b.place, b.code)));
        self.list.dedup();
        self.list.truncate(MAX_DIAGNOSTICS);
        Err(self)
    }

    /// Add what is wrong at `start..end`, in bytes of `text`.
    pub(crate) fn add(&mut self, at: At<'_>, code: &'static str, message: impl Into<String>) {
        self.list.push(at.diagnostic(code, message.into(), None));
    }

    /// As [`add`](Self::add), with what to write instead.
    pub(crate) fn add_with_help(
        &mut self,
        at: At<'_>,
        code: &'static str,
        (message, help): (impl Into<String>, impl Into<String>),
    ) {
        self.list
            .push(at.diagnostic(code, message.into(), Some(help.into())));
    }
}

/// A stretch of a module, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    /// The module's name
    pub(crate) module: &'a str,
    /// The module's text
    pub(crate) text: &'a str,
    /// Offset of the first byte
    pub(crate) start: u32,
    /// Offset after the last byte
    pub(crate) end: u32,
}

impl<'a> At<'a> {
    /// The place at a line and column, both from 1.
    pub(crate) fn line(module: &'a str, text: &'a str, line: u32, column: u32) -> Self {
        let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut start = 0_usize;
        for length in text.split_inclusive('\n').take(skipped).map(str::len) {
            start = start.saturating_add(length);
        }
        let chars = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let rest = text.get(start..).unwrap_or_default();
        let on_line = rest.split('\n').next().unwrap_or_default();
        let offset = on_line
            .char_indices()
            .nth(chars)
            .map_or(on_line.len(), |(at, _)| at);
        let start = u32::try_from(start.saturating_add(offset)).unwrap_or(u32::MAX);
        Self {
            module,
            text,
            start,
            end: start.saturating_add(1),
        }
    }

    fn before(&self, offset: u32) -> &'a str {
        let mut offset = usize::try_from(offset).unwrap_or(usize::MAX);
        offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset = offset.saturating_sub(1);
        }
        self.text.get(..offset).unwrap_or_default()
    }

    fn diagnostic(self, code: &'static str, message: String, help: Option<String>) -> Diagnostic {
        let before = self.before(self.start);
        let line = before.bytes().filter(|&b| b == b'\n').count();
        let column = before.chars().rev().take_while(|&c| c != '\n').count();
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let rest = self.text.get(start..).unwrap_or_default();
        let excerpt = rest.split('\n').next().unwrap_or_default();
        let covered = self
            .before(self.end)
            .get(before.len()..)
            .unwrap_or_default();
        let width = covered.split('\n').next().unwrap_or_default();
        let width = width.chars().count().clamp(1, MAX_EXCERPT_CHARS);
        Diagnostic {
            code,
            module: self.module.to_owned(),
            message,
            help,
            place: Place {
                line: u32::try_from(line.saturating_add(1)).unwrap_or(u32::MAX),
                column: u32::try_from(column.saturating_add(1)).unwrap_or(u32::MAX),
            },
            excerpt: excerpt.chars().take(MAX_EXCERPT_CHARS).collect(),
            width: u32::try_from(width).unwrap_or(1),
        }
    }
}

/// Text that cannot command a terminal; tabs become one space so that the caret stays below.
pub(crate) fn printable(text: &str) -> String {
    let mark = |c: char| match c {
        '\t' => ' ',
        c if is_unsafe_to_show(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(mark).collect()
}
