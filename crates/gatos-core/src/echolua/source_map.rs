//! Where the nodes of a program stand in its source; no part of the program, nor of its hash.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts and offsets in a source text, whose size is bounded"
    )
)]

use super::diagnostic::{Diagnostic, Located, Place, Rule, Span};
use super::error::FoldError;

/// Places of a program's nodes in its source.
#[derive(Clone, Debug)]
pub struct SourceMap {
    name: String,
    source: String,
    offsets: Vec<u32>,
}

impl SourceMap {
    pub(super) fn new(name: &str, source: &str, offsets: Vec<u32>) -> Self {
        Self {
            name: name.to_owned(),
            source: source.to_owned(),
            offsets,
        }
    }

    /// Name of the source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Line and column of a node.
    #[must_use]
    pub fn place(&self, node: u32) -> Option<Place> {
        let offset = *self.offsets.get(usize::try_from(node).ok()?)?;
        Some(self.located().place(offset))
    }

    /// An error of a running program as a diagnostic of its source, where its place is known.
    #[must_use]
    pub fn diagnose(&self, error: &FoldError) -> Option<Diagnostic> {
        let start = *self.offsets.get(usize::try_from(error.node?).ok()?)?;
        let rule = Rule {
            number: error.fault.code(),
            name: "fold",
        };
        let span = Span {
            start,
            end: start + 1,
        };
        let message = error.fault.to_string();
        Some(self.located().diagnostic(rule, span, message, None))
    }

    fn located(&self) -> Located<'_> {
        Located { text: &self.source }
    }
}
