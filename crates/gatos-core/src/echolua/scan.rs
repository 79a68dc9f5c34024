//! A look at the source before it is parsed: size, text form and how deep its constructs nest.
//!
//! The parser recurses once for each level, so the depth is bounded here, where nothing recurses.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts and offsets in a source text, whose size is bounded"
    )
)]

use super::diagnostic::{Diagnostic, Located, Rule, Span};

/// Largest source text in bytes.
pub const MAX_SOURCE_BYTES: usize = 256 << 10;
/// Most levels of brackets, blocks and chained operators around one place of the source.
pub const MAX_NESTING: usize = 100;

/// Refuse a source that must not reach the parser.
pub(super) fn scan(source: &Located<'_>) -> Result<(), Diagnostic> {
    if source.text.len() > MAX_SOURCE_BYTES {
        let message = format!(
            "the source has {} bytes; at most {MAX_SOURCE_BYTES} are read",
            source.text.len()
        );
        return Err(source.diagnostic(Rule::SOURCE_SIZE, Span::default(), message, None));
    }
    text_form(source)?;
    Scanner::new(source).run()
}

fn text_form(source: &Located<'_>) -> Result<(), Diagnostic> {
    let fail = |start: usize, message: &str| {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let span = Span {
            start,
            end: start + 1,
        };
        Err(source.diagnostic(Rule::SOURCE_TEXT, span, message, None))
    };
    if source.text.starts_with('\u{feff}') {
        return fail(0, "the source begins with a byte order mark");
    }
    if source.text.starts_with('#') {
        return fail(0, "a fold program is no script: remove the first line");
    }
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if let Some((at, _)) = source.text.char_indices().find(|&(_, c)| strange(c)) {
        return fail(at, "a control character is not allowed in a source text");
    }
    let turned = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match source.text.char_indices().find(|&(_, c)| turned(c)) {
        Some((at, _)) => fail(
            at,
            "a character that turns the direction of text is not allowed",
        ),
        None => Ok(()),
    }
}

/// What is open at a place of the source.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Opener {
    Bracket,
    Block,
    /// `while` or `for`, whose `do` opens no block of its own
    Loop,
}

struct Scanner<'a> {
    source: &'a Located<'a>,
    bytes: &'a [u8],
    at: usize,
    /// Open constructs with the number of operators seen in the expression around each
    open: Vec<(Opener, usize)>,
    operators: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    const fn new(source: &'a Located<'a>) -> Self {
        Self {
            source,
            bytes: source.text.as_bytes(),
            at: 0,
            open: Vec::new(),
            operators: 0,
            depth: 0,
        }
    }

    fn run(mut self) -> Result<(), Diagnostic> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b'-' if self.rest().starts_with(b"--") => self.comment(),
                b'"' | b'\'' => self.string(byte),
                b'[' if self.long_bracket(self.at).is_some() => self.long_text(),
                b'(' | b'{' | b'[' => {
                    self.at += 1;
                    self.enter(Opener::Bracket);
                }
                b')' | b'}' | b']' => {
                    self.at += 1;
                    self.leave();
                }
                b'0'..=b'9' => self.number(),
                b if is_name(b) => self.word(),
                b => self.symbol(b),
            }
            if self.depth + self.operators > MAX_NESTING {
                return Err(self.too_deep(start));
            }
        }
        Ok(())
    }

    fn too_deep(&self, start: usize) -> Diagnostic {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let span = Span {
            start,
            end: start + 1,
        };
        let message =
            format!("brackets, blocks and operators nest deeper than {MAX_NESTING} levels here");
        let help = "split it: use a `local` for a part of a long expression, or a function";
        self.source
            .diagnostic(Rule::NESTING, span, message, Some(help.to_owned()))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn enter(&mut self, opener: Opener) {
        self.open.push((opener, self.operators));
        self.depth += 1 + self.operators;
        self.operators = 0;
    }

    fn leave(&mut self) {
        if let Some((_, operators)) = self.open.pop() {
            self.depth -= 1 + operators;
            self.operators = operators;
        }
    }

    fn comment(&mut self) {
        self.at += 2;
        if self.long_bracket(self.at).is_some() {
            self.long_text();
        } else {
            self.at += self.rest().iter().take_while(|&&b| b != b'\n').count();
        }
    }

    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\n' => return,
                b if b == quote => return,
                _ => {}
            }
        }
    }

    /// The level of the long bracket that opens at `at`, if one does.
    fn long_bracket(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?.strip_prefix(b"[")?;
        let level = rest.iter().take_while(|&&b| b == b'=').count();
        (rest.get(level) == Some(&b'[')).then_some(level)
    }

    fn long_text(&mut self) {
        let level = self.long_bracket(self.at).unwrap_or(0);
        let mut close = vec![b']'];
        close.resize(level + 1, b'=');
        close.push(b']');
        self.at += level + 2;
        let found = self
            .bytes
            .get(self.at..)
            .unwrap_or(&[])
            .windows(close.len())
            .position(|window| window == close);
        self.at = found.map_or(self.bytes.len(), |offset| self.at + offset + close.len());
    }

    fn number(&mut self) {
        self.at += self
            .rest()
            .iter()
            .take_while(|&&b| is_name(b) || b == b'.')
            .count();
    }

    fn word(&mut self) {
        let length = self.rest().iter().take_while(|&&b| is_name(b)).count();
        let word = self.rest().get(..length).unwrap_or(&[]);
        self.at += length;
        match word {
            b"and" | b"or" | b"not" => self.operators += 1,
            b"function" => self.enter(Opener::Block),
            b"if" | b"repeat" => {
                self.operators = 0;
                self.enter(Opener::Block);
            }
            b"while" | b"for" => {
                self.operators = 0;
                self.enter(Opener::Loop);
            }
            b"do" => match self.open.last_mut() {
                Some((opener @ Opener::Loop, _)) => {
                    *opener = Opener::Block;
                    self.operators = 0;
                }
                _ => {
                    self.operators = 0;
                    self.enter(Opener::Block);
                }
            },
            b"end" | b"until" => self.leave(),
            b"then" | b"else" | b"elseif" | b"local" | b"return" | b"in" | b"break" => {
                self.operators = 0;
            }
            _ => {}
        }
    }

    fn symbol(&mut self, byte: u8) {
        let (length, operator) = match (byte, self.bytes.get(self.at + 1)) {
            (b'=' | b'<' | b'>' | b'~', Some(b'=')) => (2, true),
            (b'.', Some(b'.')) => (2, true),
            (b'/', Some(b'/')) | (b'<', Some(b'<')) | (b'>', Some(b'>')) => (2, true),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>', _) => (1, true),
            (b'#' | b'&' | b'|' | b'~', _) => (1, true),
            (b'=' | b',' | b';', _) => {
                self.operators = 0;
                (1, false)
            }
            _ => (1, false),
        };
        self.operators += usize::from(operator);
        self.at += length;
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
