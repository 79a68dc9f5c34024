//! Source text to full_moon's syntax tree, after [`scan`](super::scan) has bounded it.

use full_moon::LuaVersion;
use full_moon::ast::Ast;

use super::diagnostic::{Diagnostic, Located, Rule, Span};
use super::scan::scan;

/// The syntax tree of `source`.
pub(super) fn parse(source: &Located<'_>) -> Result<Ast, Vec<Diagnostic>> {
    scan(source).map_err(|diagnostic| vec![diagnostic])?;
    let result = full_moon::parse_fallible(source.text, LuaVersion::lua54());
    if result.errors().is_empty() {
        return Ok(result.into_ast());
    }
    let mut errors: Vec<_> = result.errors().iter().collect();
    errors.sort_by_key(|error| error.range().0.bytes());
    errors.truncate(MAX_SYNTAX_ERRORS);
    let found = errors.into_iter().map(|error| {
        let (start, end) = error.range();
        let span = Span {
            start: u32::try_from(start.bytes()).unwrap_or(u32::MAX),
            end: u32::try_from(end.bytes()).unwrap_or(u32::MAX),
        };
        let message = format!("this cannot be read: {}", error.error_message());
        source.diagnostic(Rule::SYNTAX, span, message, None)
    });
    Err(found.collect())
}

/// Most errors of the parser that are shown: those after the first are often its consequences.
const MAX_SYNTAX_ERRORS: usize = 3;
