//! The tokens of a module, and the comments between them.

use regorus::Source;
use regorus::unstable::{Lexer, TokenKind as Theirs};

use crate::diagnostic::{At, Diagnostics};
use crate::engine::located;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    /// Punctuation
    Symbol,
    /// Text in quotes, both kinds
    Text,
    /// A number
    Number,
    /// A name or keyword
    Name,
}

/// A token, with its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    /// What it is
    pub(crate) kind: TokenKind,
    /// The text in the source
    pub(crate) text: &'a str,
    /// Offset of its first byte
    pub(crate) start: usize,
    /// Offset after its last byte
    pub(crate) end: usize,
}

/// A comment that stands alone on its line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment<'a> {
    /// From `#` on
    pub(crate) text: &'a str,
    /// Offset of the `#`
    pub(crate) start: usize,
    /// The line, from 1
    pub(crate) line: u32,
}

/// The tokens of `text`.
pub(crate) fn tokens<'a>(module: &str, text: &'a str) -> Result<Vec<Token<'a>>, Diagnostics> {
    let failed = |error: &str| {
        let mut diagnostics = Diagnostics::default();
        let (line, column, message) = located(error);
        let at = At::line(module, text, line, column);
        diagnostics.add(at, "syntax", message);
        diagnostics
    };
    let source = Source::from_contents(module.to_owned(), text.to_owned())
        .map_err(|error| failed(&error.to_string()))?;
    let mut lexer = Lexer::new(&source);
    let mut list = Vec::new();
    loop {
        let token = lexer
            .next_token()
            .map_err(|error| failed(&error.to_string()))?;
        let (kind, quotes) = match token.0 {
            Theirs::Eof => return Ok(list),
            Theirs::Symbol => (TokenKind::Symbol, 0),
            Theirs::String | Theirs::RawString => (TokenKind::Text, 1),
            Theirs::Number => (TokenKind::Number, 0),
            Theirs::Ident => (TokenKind::Name, 0),
        };
        let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let start = offset(token.1.start).saturating_sub(quotes);
        let end = offset(token.1.end).saturating_add(quotes);
        let token_text = text.get(start..end).unwrap_or_default();
        list.push(Token {
            kind,
            text: token_text,
            start,
            end,
        });
    }
}

/// The comments of `text` that stand alone on their lines, in order.
pub(crate) fn comments<'a>(text: &'a str, tokens: &[Token<'a>]) -> Vec<Comment<'a>> {
    let mut found = Vec::new();
    let mut from = 0;
    let ends = tokens.iter().map(|token| (token.start, token.end));
    for (start, end) in ends.chain([(text.len(), text.len())]) {
        let gap = text.get(from..start).unwrap_or_default();
        let mut offset = from;
        for (index, part) in gap.split('\n').enumerate() {
            let trimmed = part.trim();
            if trimmed.starts_with('#') && (index > 0 || from == 0) {
                let indent = part.len().saturating_sub(part.trim_start().len());
                let start = offset.saturating_add(indent);
                let before = text.get(..start).unwrap_or_default();
                let line = before.bytes().filter(|&b| b == b'\n').count();
                found.push(Comment {
                    text: trimmed,
                    start,
                    line: u32::try_from(line.saturating_add(1)).unwrap_or(u32::MAX),
                });
            }
            offset = offset.saturating_add(part.len()).saturating_add(1);
        }
        from = end;
    }
    found
}
