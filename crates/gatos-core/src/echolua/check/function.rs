//! Function bodies.

use full_moon::ast::{FunctionBody, Parameter};

use super::scope::{FunctionScope, MAX_CAPTURES};
use super::{Checker, span};
use crate::echolua::diagnostic::{Rule, Span};
use crate::echolua::unit::{Function, Stmt};

impl Checker<'_> {
    /// A function of the top level.
    pub(super) fn top_function(&mut self, body: &FunctionBody, place: Span) -> Function {
        self.function(body, None, place)
    }

    /// A function inside another; `own_slot` is the local that it is declared as.
    pub(super) fn nested_function(
        &mut self,
        body: &FunctionBody,
        own_slot: Option<u8>,
        place: Span,
    ) -> Function {
        self.function(body, own_slot, place)
    }

    fn function(&mut self, body: &FunctionBody, own_slot: Option<u8>, place: Span) -> Function {
        self.scopes.functions.push(FunctionScope {
            own_slot,
            ..FunctionScope::default()
        });
        let mut params = 0;
        for parameter in body.parameters() {
            match parameter {
                Parameter::Name(token) => {
                    self.declare(token);
                    params += 1;
                }
                other => {
                    let help = "name the parameters, or take a table";
                    let message = "there are no variable arguments";
                    self.refuse(Rule::VARARGS, span(other), message, help);
                }
            }
        }
        let mut statements = self.block_in_scope(body.block());
        self.close_scope(0);
        // A `return` without values at the very end says nothing.
        if matches!(statements.last(), Some(Stmt::Return(values)) if values.is_empty()) {
            statements.pop();
        }
        let scope = self.scopes.functions.pop().unwrap_or_default();
        if scope.captures.len() > MAX_CAPTURES {
            let message = format!("the function uses more than {MAX_CAPTURES} outer locals");
            self.refuse(Rule::CAPACITY, place, message, "put them into a table");
        }
        Function {
            params,
            captures: scope
                .captures
                .into_iter()
                .map(|(_, capture)| capture)
                .collect(),
            body: statements,
        }
    }
}
