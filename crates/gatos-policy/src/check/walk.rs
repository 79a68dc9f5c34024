//! Every expression of a module, compared with the profile.

use std::collections::BTreeSet;

use regorus::unstable::{
    ArithOp, AssignOp, Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleHead, Span,
};

use super::calls::{BUILTINS, check_arguments, why_absent};
use super::names::{Known, Names, Target, static_path};
use super::read::Parsed;
use crate::diagnostic::Diagnostics;
use crate::engine::LIBRARY_FUNCTIONS;

/// Check every rule of `module`.
pub(super) fn walk(module: &Parsed, names: &Names, diagnostics: &mut Diagnostics) {
    for rule in &module.ast.policy {
        let mut walker = Walker {
            module,
            names,
            diagnostics,
        };
        walker.rule(rule);
    }
}

/// The expressions that stand directly in `expression`, but for the queries of comprehensions.
pub(super) fn children(expression: &Expr) -> Vec<&Ref<Expr>> {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => Vec::new(),
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, k, v)| [k, v]).collect(),
        Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => vec![term],
        Expr::ObjectCompr { key, value, .. } => vec![key, value],
        Expr::Call { params, .. } => params.iter().collect(),
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => key.iter().chain([value, collection]).collect(),
    }
}

/// The query of a comprehension.
pub(super) fn query_of(expression: &Expr) -> Option<&Query> {
    match expression {
        Expr::ArrayCompr { query, .. }
        | Expr::SetCompr { query, .. }
        | Expr::ObjectCompr { query, .. } => Some(query),
        _ => None,
    }
}

/// The expressions that stand directly in a statement, and the query of `every`.
pub(super) fn parts(statement: &LiteralStmt) -> (Vec<&Ref<Expr>>, Option<&Query>) {
    match &statement.literal {
        Literal::SomeVars { .. } => (Vec::new(), None),
        Literal::SomeIn {
            key,
            value,
            collection,
            ..
        } => (key.iter().chain([value, collection]).collect(), None),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => (vec![expr], None),
        Literal::Every { domain, query, .. } => (vec![domain], Some(query)),
    }
}

/// The expressions of a rule's head, and its queries with their own values.
pub(super) fn pieces(rule: &Rule) -> (Vec<&Ref<Expr>>, Vec<&Query>) {
    match rule {
        Rule::Default { value, .. } => (vec![value], Vec::new()),
        Rule::Spec { head, bodies, .. } => {
            let mut expressions: Vec<&Ref<Expr>> = match head {
                RuleHead::Compr { refr, assign, .. } => {
                    let index = match &**refr {
                        Expr::RefBrack { index, .. } => Some(index),
                        _ => None,
                    };
                    let value = assign.iter().map(|a| &a.value);
                    index.into_iter().chain(value).collect()
                }
                RuleHead::Set { key, .. } => key.iter().collect(),
                RuleHead::Func { args, assign, .. } => {
                    let value = assign.iter().map(|a| &a.value);
                    args.iter().chain(value).collect()
                }
            };
            expressions.extend(
                bodies
                    .iter()
                    .flat_map(|b| b.assign.iter().map(|a| &a.value)),
            );
            (expressions, bodies.iter().map(|b| &*b.query).collect())
        }
    }
}

struct Walker<'a> {
    module: &'a Parsed,
    names: &'a Names,
    diagnostics: &'a mut Diagnostics,
}

impl Walker<'_> {
    fn rule(&mut self, rule: &Rule) {
        let (expressions, queries) = pieces(rule);
        if let Rule::Spec {
            head: RuleHead::Func { args, .. },
            ..
        } = rule
        {
            for arg in args {
                self.pattern(arg);
            }
            let declared = args.iter().flat_map(|arg| variables(arg));
            for span in declared.collect::<Vec<_>>() {
                self.declared(span);
            }
        }
        for expression in expressions {
            self.expression(expression);
        }
        for query in queries {
            self.query(query);
        }
    }

    fn query(&mut self, query: &Query) {
        for statement in &query.stmts {
            if let Some(with) = statement.with_mods.first() {
                let at = self.module.span(&with.span);
                let message = "`with` stands in tests only";
                self.diagnostics.add(at, "with", message);
            }
            match &statement.literal {
                Literal::SomeVars { vars, .. } => vars.iter().for_each(|v| self.declared(v)),
                Literal::SomeIn { key, value, .. } => {
                    key.iter().chain([value]).for_each(|p| self.pattern(p));
                    let patterns = key.iter().chain([value]);
                    let found: Vec<&Span> = patterns.flat_map(|p| variables(p)).collect();
                    found.into_iter().for_each(|v| self.declared(v));
                }
                Literal::Every { key, value, .. } => {
                    key.iter().chain([value]).for_each(|v| self.declared(v));
                }
                _ => {}
            }
            let (expressions, inner) = parts(statement);
            for expression in expressions {
                self.expression(expression);
            }
            if let Some(inner) = inner {
                self.query(inner);
            }
        }
    }

    /// The engine takes an object with more keys than the pattern has, and Rego does not.
    fn pattern(&mut self, pattern: &Expr) {
        match pattern {
            Expr::Array { items, .. } => items.iter().for_each(|item| self.pattern(item)),
            Expr::Object { span, .. } => {
                let message = "an object cannot be taken apart";
                let help = "name its fields: `x := object.a`; `:=` gives a variable a value, `==` compares";
                let at = self.module.span(span);
                self.diagnostics
                    .add_with_help(at, "pattern", (message, help));
            }
            _ => {}
        }
    }

    fn declared(&mut self, span: &Span) {
        let name = span.text();
        let own = format!("{}.{name}", self.module.package);
        if self.names.get(&own).is_some() || matches!(name, "input" | "data") {
            let message = format!("`{name}` is also a rule, or the input");
            let help = "give the variable another name";
            let at = self.module.span(span);
            self.diagnostics
                .add_with_help(at, "shadowing", (message, help));
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Number { span, .. } => self.number(span),
            Expr::ArithExpr {
                span,
                op: ArithOp::Div,
                ..
            } => {
                let message = "there is no division: numbers are whole";
                let help = "multiply the other side: `3 * a >= 2 * b`";
                let at = self.module.span(span);
                self.diagnostics
                    .add_with_help(at, "division", (message, help));
            }
            Expr::AssignExpr {
                op: AssignOp::ColEq,
                lhs,
                ..
            } => {
                self.pattern(lhs);
                variables(lhs).into_iter().for_each(|v| self.declared(v));
            }
            Expr::AssignExpr { lhs, rhs, .. } => {
                self.pattern(lhs);
                self.pattern(rhs);
            }
            Expr::ObjectCompr { span, .. } => {
                let message = "there are no comprehensions of objects";
                let help =
                    "two values for one key would go unseen: collect a set of pairs `[key, value]`";
                let at = self.module.span(span);
                self.diagnostics
                    .add_with_help(at, "conflict", (message, help));
            }
            Expr::Call { fcn, .. } => self.call(fcn, expression),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                self.reference(expression);
                self.indices(expression);
                return;
            }
            _ => {}
        }
        for child in children(expression) {
            self.expression(child);
        }
        if let Some(query) = query_of(expression) {
            self.query(query);
        }
    }

    /// The expressions in the brackets of a reference, and what it begins with if that is no name.
    fn indices(&mut self, expression: &Expr) {
        match expression {
            Expr::RefDot { refr, .. } => self.base(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.expression(index);
                self.base(refr);
            }
            _ => {}
        }
    }

    fn base(&mut self, refr: &Expr) {
        match refr {
            Expr::Var { .. } => {}
            Expr::RefDot { .. } | Expr::RefBrack { .. } => self.indices(refr),
            other => self.expression(other),
        }
    }

    fn reference(&mut self, expression: &Expr) {
        let at = self.module.span(expression.span());
        match self.names.target(self.module, expression) {
            Target::Rule(path) => match self.names.get(&path) {
                Some(Known { decides: true, .. }) => {
                    let message = "a rule cannot ask what `allow` and `deny` say";
                    let help = "move the condition into a rule with another name";
                    self.diagnostics
                        .add_with_help(at, "decision-rule", (message, help));
                }
                Some(Known { arity: Some(_), .. }) => {
                    let message = format!("`{path}` is a function: call it");
                    self.diagnostics.add(at, "function", message);
                }
                _ => {}
            },
            Target::Nothing(path) => {
                let message = format!("there is no rule `{path}`");
                let help = "`data` holds nothing but the rules of the policy, and `data.gatos`";
                self.diagnostics
                    .add_with_help(at, "unknown-name", (message, help));
            }
            Target::Library(name) => {
                let message = format!("`data.gatos.{name}` is a function: call it");
                self.diagnostics.add(at, "function", message);
            }
            Target::Input | Target::Local(_) | Target::Expression => {}
        }
    }

    fn call(&mut self, fcn: &Expr, call: &Expr) {
        let at = self.module.span(fcn.span());
        let Expr::Call { params, .. } = call else {
            return;
        };
        let arity = match self.names.target(self.module, fcn) {
            Target::Rule(path) => self.names.get(&path).and_then(|known| known.arity),
            Target::Library(name) => LIBRARY_FUNCTIONS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, arity)| *arity),
            _ => {
                let name = static_path(fcn).unwrap_or_default().join(".");
                if BUILTINS.iter().any(|(known, _)| *known == name) {
                    check_arguments(self.module, (&name, call), self.diagnostics);
                } else {
                    let message = format!("there is no function `{name}`");
                    let help = why_absent(&name);
                    self.diagnostics
                        .add_with_help(at, "unknown-function", (message, help));
                }
                return;
            }
        };
        if arity != Some(params.len()) {
            let message = match arity {
                Some(arity) => format!("this function takes {arity} arguments"),
                None => "this rule is no function".to_owned(),
            };
            self.diagnostics.add(at, "arguments", message);
        }
    }

    fn number(&mut self, span: &Span) {
        if span.text().parse::<i64>().is_err() {
            let message = "numbers are whole and have 64 bits";
            let help = "count in a smaller unit: 15 percent instead of 0.15";
            let at = self.module.span(span);
            self.diagnostics
                .add_with_help(at, "number", (message, help));
        }
    }
}

/// The variables of a pattern.
pub(super) fn variables(pattern: &Expr) -> Vec<&Span> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    collect(pattern, &mut |span| {
        if span.text() != "_" && seen.insert((span.start, span.end)) {
            found.push(span);
        }
    });
    found
}

fn collect<'a>(pattern: &'a Expr, each: &mut dyn FnMut(&'a Span)) {
    match pattern {
        Expr::Var { span, .. } => each(span),
        Expr::Array { items, .. } => items.iter().for_each(|item| collect(item, each)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, v)| collect(v, each)),
        _ => {}
    }
}
