//! Reading one module: its text, its size, its nesting, its syntax.

use gatos_core::value::is_unsafe_to_show;
use regorus::Source;
use regorus::unstable::{Module as Ast, Parser};

use crate::diagnostic::{At, Diagnostics};
use crate::engine::located;
use crate::format::{Token, TokenKind, tokens};
use crate::module::Module;

/// Largest module, in bytes.
pub(crate) const MAX_MODULE_BYTES: usize = 256 << 10;
/// Deepest nesting of brackets. The parser tries some brackets twice, so this bounds its work.
const MAX_NESTING: usize = 12;
/// Most operators and accesses at one place: what stands between two commas or statements.
const MAX_OPERATORS: usize = 64;

/// A module that is Rego.
pub(crate) struct Parsed {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) package: String,
    pub(crate) ast: Ast,
}

impl Parsed {
    /// A stretch of the module.
    pub(crate) fn at(&self, start: usize, length: usize) -> At<'_> {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        At {
            module: &self.name,
            text: &self.text,
            start: offset(start),
            end: offset(start.saturating_add(length)),
        }
    }

    /// A stretch of the module that the engine's parser names.
    pub(crate) fn span(&self, span: &regorus::unstable::Span) -> At<'_> {
        At {
            module: &self.name,
            text: &self.text,
            start: span.start,
            end: span.end,
        }
    }

    /// The line of an offset, from 1.
    pub(crate) fn line_of(&self, offset: usize) -> u32 {
        let before = self.text.get(..offset).unwrap_or_default();
        let lines = before.bytes().filter(|&b| b == b'\n').count();
        u32::try_from(lines.saturating_add(1)).unwrap_or(u32::MAX)
    }

    /// Its tokens; it has some, since it was parsed.
    pub(crate) fn tokens(&self) -> Vec<Token<'_>> {
        tokens(&self.name, &self.text).unwrap_or_default()
    }
}

/// Read one module.
pub(crate) fn read(module: &Module) -> Result<Parsed, Diagnostics> {
    let name = module.name.as_str();
    let text = module.text.replace("\r\n", "\n");
    let mut diagnostics = Diagnostics::default();
    check_text(name, &text, &mut diagnostics);
    diagnostics.into_result()?;
    let mut diagnostics = Diagnostics::default();
    check_tokens(name, &text, &tokens(name, &text)?, &mut diagnostics);
    diagnostics.into_result()?;
    let ast = parse(name, &text)?;
    let package = ast
        .package
        .refr
        .span()
        .text()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    Ok(Parsed {
        name: name.to_owned(),
        text,
        package,
        ast,
    })
}

fn parse(name: &str, text: &str) -> Result<Ast, Diagnostics> {
    let attempt = || {
        let source = Source::from_contents(name.to_owned(), text.to_owned())?;
        let mut parser = Parser::new(&source)?;
        parser.enable_rego_v1()?;
        parser.parse()
    };
    attempt().map_err(|error| {
        let (line, column, message) = located(&error.to_string());
        let mut diagnostics = Diagnostics::default();
        diagnostics.add(At::line(name, text, line, column), "syntax", message);
        diagnostics
    })
}

fn check_text(name: &str, text: &str, diagnostics: &mut Diagnostics) {
    let whole = At {
        module: name,
        text,
        start: 0,
        end: 1,
    };
    if text.len() > MAX_MODULE_BYTES {
        let message = format!(
            "the module has {} bytes, more than the {MAX_MODULE_BYTES} allowed",
            text.len()
        );
        diagnostics.add(whole, "size", message);
        return;
    }
    let unsafe_char = |(_, c): &(usize, char)| !matches!(c, '\n' | '\t') && is_unsafe_to_show(*c);
    if let Some((offset, c)) = text.char_indices().find(unsafe_char) {
        let start = u32::try_from(offset).unwrap_or(u32::MAX);
        let at = At {
            start,
            end: start.saturating_add(1),
            ..whole
        };
        let message = format!(
            "the character U+{:04X} is invisible or a command",
            u32::from(c)
        );
        diagnostics.add_with_help(at, "text", (message, "leave it out"));
    }
}

/// The parser and the compiler of the engine go as deep as the text does: so the text is bounded.
fn check_tokens(name: &str, text: &str, tokens: &[Token<'_>], diagnostics: &mut Diagnostics) {
    let mut operators = vec![0_usize];
    for (index, token) in tokens.iter().enumerate() {
        let start = u32::try_from(token.start).unwrap_or(u32::MAX);
        let at = At {
            module: name,
            text,
            start,
            end: u32::try_from(token.end).unwrap_or(u32::MAX),
        };
        let earlier = index.checked_sub(1).and_then(|i| tokens.get(i));
        let gap = earlier.map_or("", |e| text.get(e.end..token.start).unwrap_or_default());
        // A statement ends with its line, but not within ( ) and [ ], which a line end does not end.
        if gap.contains('\n') && operators.len() == 1
            || matches!(token.text, "," | ";" | ":=" | "if")
        {
            operators
                .last_mut()
                .into_iter()
                .for_each(|count| *count = 0);
        }
        let symbol = token.kind == TokenKind::Symbol;
        if symbol && matches!(token.text, "{" | "[" | "(") || token.text == "set(" {
            operators.push(0);
            if operators.len() > MAX_NESTING.saturating_add(1) {
                let message = format!("brackets are nested deeper than {MAX_NESTING}");
                let help = "give the inner part a rule of its own";
                diagnostics.add_with_help(at, "nesting", (message, help));
                return;
            }
        }
        if symbol && matches!(token.text, "}" | "]" | ")") && operators.len() > 1 {
            operators.pop();
        }
        let operator = symbol && !matches!(token.text, "{" | "}" | "]" | ")" | "(" | "," | ":");
        let keyword = matches!(token.text, "not" | "in" | "else" | "some" | "every");
        if let Some(count) = operators.last_mut().filter(|_| operator || keyword) {
            *count = count.saturating_add(1);
            if *count > MAX_OPERATORS {
                let message = format!("more than {MAX_OPERATORS} operators at one place");
                let help = "give a part of it a rule of its own";
                diagnostics.add_with_help(at, "nesting", (message, help));
                return;
            }
        }
    }
}
