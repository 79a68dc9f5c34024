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
/// Deepest nesting around one place of the source: an operator counts 1, a bracket 2, a block or
/// function 4, and four of `and` and `or` in a row count 1.
pub const MAX_NESTING: usize = 100;
/// What a bracket counts.
const BRACKET: usize = 2;
/// What a block counts.
const BLOCK: usize = 4;
/// How many of `and` and `or` in a row count 1: their operands do not nest in each other.
const CHOICES: usize = 4;

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
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if let Some((at, _)) = source.text.char_indices().find(|&(_, c)| strange(c)) {
        return fail(at, "this control character is not allowed in a source text");
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

/// What is open at a place of the source; only its own end closes it, so that a source which is
/// wrong counts as deeper, never as flatter, than the parser finds it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Opener {
    Round,
    Square,
    Curly,
    Block,
    /// `while` or `for`, whose `do` opens no block of its own
    Loop,
    Repeat,
}

/// What was seen of the expression at a place.
#[derive(Clone, Copy, Default)]
struct Counted {
    /// Operators and suffixes since the last `and` or `or`
    operators: usize,
    /// `and` and `or`
    choices: usize,
}

impl Counted {
    const fn depth(self) -> usize {
        self.operators + self.choices.div_ceil(CHOICES)
    }
}

impl Opener {
    const fn weight(self) -> usize {
        match self {
            Self::Round | Self::Square | Self::Curly => BRACKET,
            Self::Block | Self::Loop | Self::Repeat => BLOCK,
        }
    }
}

struct Scanner<'a> {
    source: &'a Located<'a>,
    bytes: &'a [u8],
    at: usize,
    /// Open constructs with what was counted in the expression around each
    open: Vec<(Opener, Counted)>,
    counted: Counted,
    depth: usize,
    /// Whether the last token can end an operand, so that what follows is a suffix of it, an
    /// operator or another statement
    after_operand: bool,
}

impl<'a> Scanner<'a> {
    const fn new(source: &'a Located<'a>) -> Self {
        Self {
            source,
            bytes: source.text.as_bytes(),
            at: 0,
            open: Vec::new(),
            counted: Counted {
                operators: 0,
                choices: 0,
            },
            depth: 0,
            after_operand: false,
        }
    }

    fn run(mut self) -> Result<(), Diagnostic> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' => self.at += 1,
                b'-' if self.rest().starts_with(b"--") => self.comment(),
                b'"' | b'\'' => {
                    self.suffix();
                    self.string(byte)?;
                    self.after_operand = true;
                }
                b'[' if self.long_bracket(self.at).is_some() => {
                    self.suffix();
                    self.long_text();
                    self.after_operand = true;
                }
                b'(' => self.bracket(Opener::Round),
                b'[' => self.bracket(Opener::Square),
                b'{' => self.bracket(Opener::Curly),
                b')' => self.end_bracket(Opener::Round),
                b']' => self.end_bracket(Opener::Square),
                b'}' => self.end_bracket(Opener::Curly),
                b'0'..=b'9' => {
                    self.number();
                    self.after_operand = true;
                }
                // The parser takes it for a string of another dialect, and panics.
                b'`' => return Err(self.backtick()),
                b if is_name(b) => self.word(),
                b => self.symbol(b),
            }
            if self.depth + self.counted.depth() > MAX_NESTING {
                return Err(self.too_deep(start));
            }
        }
        Ok(())
    }

    fn backtick(&self) -> Diagnostic {
        let start = u32::try_from(self.at).unwrap_or(u32::MAX);
        let span = Span {
            start,
            end: start + 1,
        };
        let message = "this cannot be read: a backtick begins nothing in Lua".to_owned();
        self.source.diagnostic(Rule::SYNTAX, span, message, None)
    }

    fn too_deep(&self, start: usize) -> Diagnostic {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let span = Span {
            start,
            end: start + 1,
        };
        let message = "brackets, blocks and operators nest too deeply here";
        let help = "split it: use a `local` for a part of a long expression, or a function";
        self.source
            .diagnostic(Rule::NESTING, span, message, Some(help.to_owned()))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn enter(&mut self, opener: Opener) {
        self.depth += opener.weight() + self.counted.depth();
        self.open.push((opener, std::mem::take(&mut self.counted)));
    }

    fn bracket(&mut self, opener: Opener) {
        self.at += 1;
        self.suffix();
        self.enter(opener);
        self.after_operand = false;
    }

    fn end_bracket(&mut self, opener: Opener) {
        self.at += 1;
        self.leave(|open| open == opener);
        self.after_operand = true;
    }

    fn leave(&mut self, closes: impl Fn(Opener) -> bool) {
        if let Some((opener, counted)) = self.open.pop_if(|(open, _)| closes(*open)) {
            self.depth -= opener.weight() + counted.depth();
            self.counted = counted;
        }
    }

    /// What follows is no part of the expression before it.
    fn restart(&mut self) {
        self.counted = Counted::default();
    }

    /// What begins here belongs to the operand before it, as in `f(x)`, if there is one.
    fn suffix(&mut self) {
        self.counted.operators += usize::from(self.after_operand);
    }

    fn comment(&mut self) {
        self.at += 2;
        if self.long_bracket(self.at).is_some() {
            self.long_text();
        } else {
            self.at += self.rest().iter().take_while(|&&b| b != b'\n').count();
        }
    }

    /// Pass over a text. The parser lets one that has an escape go on behind the end of its line; Lua does
    /// not, and what the parser reads must end where this does.
    fn string(&mut self, quote: u8) -> Result<(), Diagnostic> {
        let start = self.at;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' if self.rest().starts_with(b"z") => {
                    self.at += 1;
                    self.pass_over_line(start)?;
                }
                b'\\' => self.at += 1,
                b'\n' => return Err(self.unfinished(start)),
                b if b == quote => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Pass over the white space behind `\z`, which may end one line.
    fn pass_over_line(&mut self, start: usize) -> Result<(), Diagnostic> {
        let mut lines = 0;
        while let Some(b' ' | b'\t' | b'\n') = self.bytes.get(self.at) {
            lines += usize::from(self.rest().starts_with(b"\n"));
            if lines > 1 {
                return Err(self.unfinished(start));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// A text that begins at `start` and is not closed before the end of the line.
    fn unfinished(&self, start: usize) -> Diagnostic {
        let span = Span {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(self.at).unwrap_or(u32::MAX),
        };
        let message = "this cannot be read: the string is not closed on its line".to_owned();
        let help = "close it, or write `\\n` for a line end in it";
        self.source
            .diagnostic(Rule::SYNTAX, span, message, Some(help.to_owned()))
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
        let begins_statement = std::mem::replace(&mut self.after_operand, false);
        match word {
            b"not" => self.counted.operators += 1,
            b"and" | b"or" => {
                self.counted.operators = 0;
                self.counted.choices += 1;
            }
            b"function" => {
                if begins_statement {
                    self.restart();
                }
                self.enter(Opener::Block);
            }
            b"if" => {
                self.restart();
                self.enter(Opener::Block);
            }
            b"repeat" => {
                self.restart();
                self.enter(Opener::Repeat);
            }
            b"while" | b"for" => {
                self.restart();
                self.enter(Opener::Loop);
            }
            b"do" => {
                self.restart();
                match self.open.last_mut() {
                    Some((opener @ Opener::Loop, _)) => *opener = Opener::Block,
                    _ => self.enter(Opener::Block),
                }
            }
            b"end" => {
                self.leave(|open| matches!(open, Opener::Block | Opener::Loop));
                self.after_operand = true;
            }
            b"until" => self.leave(|open| open == Opener::Repeat),
            b"then" | b"else" | b"elseif" | b"local" | b"return" | b"in" | b"break" => {
                self.restart();
            }
            b"nil" | b"true" | b"false" => self.after_operand = true,
            _ => {
                // Two operands never stand side by side: this one begins a statement.
                if begins_statement {
                    self.restart();
                }
                self.after_operand = true;
            }
        }
    }

    fn symbol(&mut self, byte: u8) {
        let (length, operator) = match (byte, self.bytes.get(self.at + 1)) {
            (b'=' | b'<' | b'>' | b'~', Some(b'=')) => (2, true),
            (b'.', Some(b'.')) | (b'/', Some(b'/')) => (2, true),
            (b'<', Some(b'<')) | (b'>', Some(b'>')) => (2, true),
            (b'=' | b',' | b';', _) => {
                self.restart();
                (1, false)
            }
            _ => (1, true),
        };
        self.after_operand = false;
        self.counted.operators += usize::from(operator);
        self.at += length;
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
