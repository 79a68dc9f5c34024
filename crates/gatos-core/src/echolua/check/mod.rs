//! Syntax tree to resolved program: every name is looked up, everything absent is refused with its
//! place and what to write instead. `docs/spec/echolua.md#check`.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts and offsets in a source text, whose size is bounded"
    )
)]

mod expression;
mod function;
mod literal;
mod names;
mod scope;
mod statement;
mod top;

use full_moon::ast::Ast;
use full_moon::node::Node;
use full_moon::tokenizer::TokenReference;
use std::collections::BTreeMap;

use self::scope::Scopes;
use super::diagnostic::{Diagnostic, Located, Rule, Span};
use super::library::Library;
use super::unit::{NodeId, Unit};

/// A resolved program and where its nodes stand in the source.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) unit: Unit,
    /// Source offset of each node, by node id
    pub(super) offsets: Vec<u32>,
}

/// Resolve `ast`, or say everything that is wrong with it.
pub(super) fn check(source: &Located<'_>, ast: &Ast) -> Result<Checked, Vec<Diagnostic>> {
    let mut checker = Checker {
        source,
        diagnostics: Vec::new(),
        top: BTreeMap::new(),
        globals: BTreeMap::new(),
        scopes: Scopes::default(),
        offsets: Vec::new(),
    };
    let unit = checker.unit(ast.nodes());
    let mut diagnostics = checker.diagnostics;
    if let (Some(mut unit), true) = (unit, diagnostics.is_empty()) {
        let order = super::number::number(&mut unit);
        let offset = |id: &NodeId| lookup(&checker.offsets, *id);
        return Ok(Checked {
            offsets: order.iter().map(offset).collect(),
            unit,
        });
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.place);
    Err(diagnostics)
}

fn lookup(offsets: &[u32], id: NodeId) -> u32 {
    let index = usize::try_from(id).unwrap_or(usize::MAX);
    offsets.get(index).copied().unwrap_or(0)
}

/// Most diagnostics that are reported at once.
const MAX_DIAGNOSTICS: usize = 50;

/// What a name of the top level means.
#[derive(Clone, Copy, Debug)]
enum Top {
    Constant(u16),
    Function(u16),
    Library(Library),
}

struct Checker<'a> {
    source: &'a Located<'a>,
    diagnostics: Vec<Diagnostic>,
    top: BTreeMap<String, Top>,
    /// Index of `fold` and of `initial`
    globals: BTreeMap<String, u16>,
    scopes: Scopes,
    /// Source offset of each node in the order in which they were made
    offsets: Vec<u32>,
}

impl Checker<'_> {
    fn refuse(&mut self, rule: Rule, span: Span, message: impl Into<String>, help: &str) {
        // Finding a place costs the length of the source, so not all are looked for.
        if self.diagnostics.len() >= MAX_DIAGNOSTICS {
            return;
        }
        let help = (!help.is_empty()).then(|| help.to_owned());
        let diagnostic = self.source.diagnostic(rule, span, message, help);
        self.diagnostics.push(diagnostic);
    }

    /// A new node that stands at `span`.
    fn node(&mut self, span: Span) -> NodeId {
        self.offsets.push(span.start);
        NodeId::try_from(self.offsets.len() - 1).unwrap_or(NodeId::MAX)
    }
}

/// Where a node of the syntax tree stands.
fn span(node: &dyn Node) -> Span {
    let (start, end) = match (node.start_position(), node.end_position()) {
        (Some(start), Some(end)) => (start.bytes(), end.bytes()),
        _ => (0, 0),
    };
    Span {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
    }
}

/// The name that an identifier token holds.
fn name_of(token: &TokenReference) -> String {
    token.token().to_string()
}
