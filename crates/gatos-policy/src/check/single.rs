//! Rules whose one definition could have several values, and defaults that are none.
//! `docs/spec/policy.md#conflicts`.
//!
//! To Rego two values are an error; the engine's machine takes the last that a loop makes. So the value
//! of a rule must not hang on which item a loop is at.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, Query, Rule, RuleBody, RuleHead, Span};

use super::names::{Names, Target, head_name, is_decision};
use super::read::Parsed;
use super::walk::{children, parts, query_of, variables};
use crate::diagnostic::Diagnostics;

/// Check every rule of `module`.
pub(super) fn check(module: &Parsed, names: &Names, diagnostics: &mut Diagnostics) {
    for rule in &module.ast.policy {
        match &**rule {
            Rule::Default {
                span, args, value, ..
            } => {
                let wrong = if !args.is_empty() {
                    let help = "let the last `else` of the function have the value";
                    Some(("a function has no default", help))
                } else if !is_constant(value) {
                    let help = "let the last `else` of the rule have the value";
                    Some(("a default is a literal value", help))
                } else {
                    None
                };
                if let Some((message, help)) = wrong {
                    let at = module.span(span);
                    diagnostics.add_with_help(at, "default", (message, help));
                }
            }
            Rule::Spec { head, bodies, .. } => {
                let decides = head_name(rule).is_some_and(|(name, _)| is_decision(name));
                if !decides && let Some(at) = several(module, names, head, bodies) {
                    let message = "this rule could have two values at once: one for each item";
                    let help = "collect them: `name contains value if …`, or `{value | …}`";
                    diagnostics.add_with_help(module.span(at), "conflict", (message, help));
                }
            }
        }
    }
}

/// Where the value stands that hangs on a loop, if one does.
fn several<'a>(
    module: &Parsed,
    names: &Names,
    head: &'a RuleHead,
    bodies: &'a [RuleBody],
) -> Option<&'a Span> {
    let (arguments, assign) = match head {
        RuleHead::Compr { assign, .. } => (BTreeSet::new(), assign),
        RuleHead::Func { args, assign, .. } => {
            let spans = args.iter().flat_map(|arg| variables(arg));
            (spans.map(Span::text).collect(), assign)
        }
        RuleHead::Set { .. } => return None,
    };
    let alone = bodies.is_empty().then_some((None, assign));
    let with_body = bodies.iter().map(|body| {
        let assign = if body.is_else { &body.assign } else { assign };
        (Some(&*body.query), assign)
    });
    for (query, assign) in alone.into_iter().chain(with_body) {
        let Some(assign) = assign else {
            continue;
        };
        let mut scope = Scope {
            module,
            names,
            outer: arguments.clone(),
            settled: arguments.clone(),
        };
        if let Some(query) = query {
            scope.settle(query);
        }
        scope.mention(&assign.value);
        if !scope.is_settled(&assign.value) {
            return Some(assign.value.span());
        }
    }
    None
}

/// Which variables of a body have the same value however often the body is gone through.
struct Scope<'a> {
    module: &'a Parsed,
    names: &'a Names,
    /// Variables of the body itself, not of comprehensions in it
    outer: BTreeSet<&'a str>,
    settled: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    fn settle(&mut self, query: &'a Query) {
        for statement in &query.stmts {
            let (expressions, _) = parts(statement);
            expressions.into_iter().for_each(|e| self.mention(e));
        }
        // Statements stand in any order; each round settles at least one variable or is the last.
        loop {
            let before = self.settled.len();
            for statement in &query.stmts {
                let Literal::Expr { expr, .. } = &statement.literal else {
                    continue;
                };
                let Expr::AssignExpr { op, lhs, rhs, .. } = &**expr else {
                    continue;
                };
                if self.is_settled(rhs) {
                    self.settled
                        .extend(variables(lhs).into_iter().map(Span::text));
                }
                if matches!(op, AssignOp::Eq) && self.is_settled(lhs) {
                    self.settled
                        .extend(variables(rhs).into_iter().map(Span::text));
                }
            }
            if self.settled.len() == before {
                return;
            }
        }
    }

    fn mention(&mut self, expression: &'a Expr) {
        if query_of(expression).is_some() {
            return;
        }
        if let Expr::Var { span, .. } = expression {
            self.outer.insert(span.text());
        }
        children(expression)
            .into_iter()
            .for_each(|e| self.mention(e));
    }

    fn is_settled(&self, expression: &Expr) -> bool {
        if let Some(query) = query_of(expression) {
            let mut free = BTreeSet::new();
            children(expression)
                .into_iter()
                .for_each(|e| free_in(e, &mut free));
            free_in_query(query, &mut free);
            declared_in(query).iter().for_each(|name| {
                free.remove(name);
            });
            return free.iter().all(|name| {
                !self.outer.contains(name) || self.settled.contains(name) || self.is_rule(name)
            });
        }
        if let Expr::Var { span, .. } = expression {
            let name = span.text();
            return self.settled.contains(name)
                || !matches!(self.names.target(self.module, expression), Target::Local(_));
        }
        children(expression)
            .into_iter()
            .all(|child| self.is_settled(child))
    }

    fn is_rule(&self, name: &str) -> bool {
        let own = format!("{}.{name}", self.module.package);
        self.names.get(&own).is_some() || matches!(name, "input" | "data")
    }
}

fn free_in<'a>(expression: &'a Expr, found: &mut BTreeSet<&'a str>) {
    if let Expr::Var { span, .. } = expression {
        found.insert(span.text());
    }
    let mut inner = BTreeSet::new();
    children(expression)
        .into_iter()
        .for_each(|e| free_in(e, &mut inner));
    if let Some(query) = query_of(expression) {
        free_in_query(query, &mut inner);
        for name in declared_in(query) {
            inner.remove(name);
        }
    }
    found.extend(inner);
}

fn free_in_query<'a>(query: &'a Query, found: &mut BTreeSet<&'a str>) {
    for statement in &query.stmts {
        let (expressions, inner) = parts(statement);
        expressions.into_iter().for_each(|e| free_in(e, found));
        if let Some(inner) = inner {
            free_in_query(inner, found);
        }
    }
}

/// The names that a query declares for itself.
fn declared_in(query: &Query) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => found.extend(vars.iter().map(Span::text)),
            Literal::SomeIn { key, value, .. } => {
                let patterns = key.iter().chain([value]).flat_map(|p| variables(p));
                found.extend(patterns.map(Span::text));
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr {
                    op: AssignOp::ColEq,
                    lhs,
                    ..
                } = &**expr
                {
                    found.extend(variables(lhs).into_iter().map(Span::text));
                }
            }
            Literal::NotExpr { .. } | Literal::Every { .. } => {}
        }
    }
    found
}

/// Whether a value is written out: nothing in it has to be looked up.
fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. } => true,
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } | Expr::UnaryExpr { .. } => {
            children(expression).into_iter().all(|e| is_constant(e))
        }
        // An empty set.
        Expr::Call { fcn, params, .. } => fcn.span().text() == "set" && params.is_empty(),
        _ => false,
    }
}
