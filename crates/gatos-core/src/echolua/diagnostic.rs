//! What is wrong with a source text, where, and what to write instead.
//! `docs/spec/echolua.md#diagnostics`.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts and offsets in a source text, whose size is bounded"
    )
)]

use std::fmt;

/// A rule of the language that a source text can break; its number never changes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Rule {
    /// The number, written `E0101`
    pub number: u16,
    /// The name in kebab case
    pub name: &'static str,
}

macro_rules! rules {
    ($($constant:ident = $number:literal $name:literal;)+) => {
        impl Rule {
            $(#[doc = concat!("Rule `", $name, "`.")]
            pub const $constant: Self = Self { number: $number, name: $name };)+

            /// Every rule, by number.
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];
        }
    };
}

rules! {
    SYNTAX = 101 "syntax";
    SOURCE_SIZE = 102 "source-size";
    NESTING = 103 "nesting";
    SOURCE_TEXT = 104 "source-text";
    UNKNOWN_NAME = 110 "unknown-name";
    ABSENT_NAME = 111 "absent-name";
    GLOBAL_WRITE = 112 "global-write";
    CONSTANT_WRITE = 113 "constant-write";
    CAPTURED_WRITE = 114 "captured-write";
    GOTO = 115 "goto";
    VARARGS = 116 "varargs";
    OPERATOR = 117 "operator";
    ATTRIBUTE = 118 "attribute";
    TOP_LEVEL = 119 "top-level";
    NO_FOLD = 120 "no-fold";
    DUPLICATE = 121 "duplicate";
    PARAMETERS = 122 "parameters";
    NUMBER = 123 "number";
    STRING = 124 "string";
    CAPACITY = 125 "capacity";
    GENERIC_FOR = 126 "generic-for";
    METHOD = 127 "method";
    LIBRARY_VALUE = 128 "library-value";
    CONSTANT_EXPRESSION = 129 "constant-expression";
    BREAK = 130 "break-outside-loop";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{:04} {}", self.number, self.name)
    }
}

/// A stretch of the source, in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// Offset of the first byte
    pub start: u32,
    /// Offset after the last byte
    pub end: u32,
}

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
    /// The rule that is broken
    pub rule: Rule,
    /// What is wrong, in one sentence
    pub message: String,
    /// What to write instead
    pub help: Option<String>,
    /// Where it begins
    pub place: Place,
    /// The whole line of the source, without its end
    pub excerpt: String,
    /// Number of characters to underline, at least 1
    pub width: u32,
}

/// Everything that is wrong with one source text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct Diagnostics {
    /// Name of the source, as given
    pub name: String,
    /// In the order of the source; never empty
    pub list: Vec<Diagnostic>,
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            diagnostic.render(f, &self.name)?;
        }
        Ok(())
    }
}

impl Diagnostic {
    /// The paragraph that a person reads: rule and message, place, line with a caret, help.
    fn render(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        let Place { line, column } = self.place;
        let gutter = line.to_string().len();
        let margin = " ".repeat(gutter);
        writeln!(f, "error[E{:04}]: {}", self.rule.number, self.message)?;
        writeln!(f, "{margin}--> {}:{line}:{column}", printable(name))?;
        writeln!(f, "{margin} |")?;
        let excerpt = printable(&self.excerpt);
        writeln!(f, "{line} | {excerpt}")?;
        write!(f, "{margin} | ")?;
        (1..column).try_for_each(|_| f.write_str(" "))?;
        (0..self.width.max(1)).try_for_each(|_| f.write_str("^"))?;
        if let Some(help) = &self.help {
            write!(f, "\n{margin} = help: {help}")?;
        }
        Ok(())
    }
}

/// Text that cannot command a terminal; tabs become one space so that the caret stays below.
fn printable(text: &str) -> String {
    let mark = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(mark).collect()
}

/// A source text whose offsets can be turned into places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located<'a> {
    /// The text
    pub(crate) text: &'a str,
}

impl Located<'_> {
    /// Line and column of a byte offset.
    pub(crate) fn place(&self, offset: u32) -> Place {
        let before = self.before(offset);
        let line = 1 + before.bytes().filter(|&b| b == b'\n').count();
        let column = 1 + before.chars().rev().take_while(|&c| c != '\n').count();
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// One diagnostic about `span`.
    pub(crate) fn diagnostic(
        &self,
        rule: Rule,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let before = self.before(span.start);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.text.get(start..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let covered = self.before(span.end);
        let on_line = covered.get(before.len()..).unwrap_or("");
        let width = on_line.split('\n').next().unwrap_or("").chars().count();
        Diagnostic {
            rule,
            message: message.into(),
            help,
            place: self.place(span.start),
            excerpt: line.chars().take(MAX_EXCERPT_CHARS).collect(),
            width: u32::try_from(width.clamp(1, MAX_EXCERPT_CHARS)).unwrap_or(1),
        }
    }

    fn before(&self, offset: u32) -> &str {
        let mut end = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.get(..end).unwrap_or("")
    }
}

/// Most characters of a source line that are shown.
const MAX_EXCERPT_CHARS: usize = 200;
