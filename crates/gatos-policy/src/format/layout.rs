//! From tokens to text: indented by tabs with its comments, or without comments and indentation.

use super::token::{Token, TokenKind};

/// The text for people: one tab for each open bracket's line, single spaces, at most one blank line.
pub(super) fn formatted(text: &str, tokens: &[Token<'_>]) -> String {
    let mut writer = Writer::default();
    let mut from = 0;
    let mut previous: Option<&Token<'_>> = None;
    for token in tokens {
        let gap = text.get(from..token.start).unwrap_or_default();
        match gap.split_once('\n') {
            Some((first, rest)) => writer.gap(first, rest, previous.is_some()),
            None if previous.is_none() => {}
            None => {
                let adjacent = gap.is_empty();
                if previous.is_some_and(|p| is_spaced(p, token, adjacent, Braces::AsWritten)) {
                    writer.out.push(' ');
                }
            }
        }
        writer.token(token);
        from = token.end;
        previous = Some(token);
    }
    let rest = text.get(from..).unwrap_or_default();
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    writer.gap(first, rest, previous.is_some());
    let mut out = writer.out;
    while out.ends_with('\n') {
        out.pop();
    }
    out.push('\n');
    out
}

/// The text of the compiled rules: no comments, no blank lines, no indentation.
pub(crate) fn normalised(text: &str, tokens: &[Token<'_>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous: Option<&Token<'_>> = None;
    for token in tokens {
        if let Some(previous) = previous {
            let gap = text.get(previous.end..token.start).unwrap_or_default();
            if gap.contains('\n') {
                out.push('\n');
            } else if is_spaced(previous, token, gap.is_empty(), Braces::Tight) {
                out.push(' ');
            }
        }
        out.push_str(token.text);
        previous = Some(token);
    }
    out.push('\n');
    out
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Braces {
    AsWritten,
    Tight,
}

fn is_spaced(previous: &Token<'_>, next: &Token<'_>, adjacent: bool, braces: Braces) -> bool {
    let symbol = |token: &Token<'_>, of: &[&str]| {
        token.kind == TokenKind::Symbol && of.contains(&token.text)
    };
    // A reference or call is one only where nothing stands before its dot or bracket.
    if adjacent && (symbol(next, &[".", "[", "("]) || symbol(previous, &["."])) {
        return false;
    }
    if symbol(previous, &["(", "["]) || previous.text.ends_with('(') {
        return false;
    }
    if symbol(next, &[")", "]", ",", ";", ":"]) {
        return false;
    }
    if symbol(previous, &["{"]) || symbol(next, &["}"]) {
        return braces == Braces::AsWritten && !adjacent;
    }
    // Unary minus: only the writer knows.
    if symbol(previous, &["-"]) {
        return !adjacent;
    }
    true
}

#[derive(Default)]
struct Writer {
    out: String,
    /// For each open bracket, the indentation of the line that it stands on.
    open: Vec<usize>,
    /// The indentation of the current line.
    indent: usize,
    within_line: bool,
}

impl Writer {
    fn gap(&mut self, first: &str, rest: &str, after_token: bool) {
        let first = first.trim();
        if !first.is_empty() {
            if after_token {
                self.out.push(' ');
            }
            self.out.push_str(first);
            self.within_line = true;
        }
        if self.within_line {
            self.out.push('\n');
            self.within_line = false;
        }
        // The last part is the indentation of the next token.
        let mut parts: Vec<&str> = rest.split('\n').collect();
        let last = parts.pop().unwrap_or_default().trim();
        for part in parts {
            self.line(part.trim());
        }
        if !last.is_empty() {
            self.line(last);
        }
    }

    fn line(&mut self, text: &str) {
        if text.is_empty() {
            if !self.out.is_empty() && !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
            return;
        }
        let indent = self.open.last().map_or(0, |outer| outer.saturating_add(1));
        self.tabs(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn token(&mut self, token: &Token<'_>) {
        let symbol = token.kind == TokenKind::Symbol;
        let opens = symbol && matches!(token.text, "{" | "[" | "(") || token.text == "set(";
        let closes = symbol && matches!(token.text, "}" | "]" | ")");
        if !self.within_line {
            let inner = self.open.last().map_or(0, |outer| outer.saturating_add(1));
            self.indent = match self.open.last() {
                Some(outer) if closes => *outer,
                _ => inner,
            };
            self.tabs(self.indent);
            self.within_line = true;
        }
        if closes {
            self.open.pop();
        }
        if opens {
            self.open.push(self.indent);
        }
        self.out.push_str(token.text);
    }

    fn tabs(&mut self, count: usize) {
        for _ in 0..count {
            self.out.push('\t');
        }
    }
}
