//! A bound on what one rule can make of its input: how large its text would be with every rule and
//! variable written out. `docs/spec/policy.md#growth`.
//!
//! Values are shared, so that forty lines of `x2 := [x1, x1]` take little memory, but comparing two
//! of them would never end. With the bound, an instruction takes a bounded time.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Literal, Query, Ref, Rule, RuleHead};

use super::names::{Names, Target, head_name};
use super::read::Parsed;
use super::walk::{children, parts, pieces, query_of, variables};
use crate::diagnostic::Diagnostics;

/// Largest size of a rule that is written out, in terms.
const MAX_GROWTH: u64 = 1 << 16;
/// Longest chain of rules that call each other.
const MAX_CHAIN: usize = 48;

/// Check every rule of the policy.
pub(super) fn check(modules: &[Parsed], names: &Names, diagnostics: &mut Diagnostics) {
    let mut definitions: BTreeMap<String, Vec<(&Parsed, &Rule)>> = BTreeMap::new();
    for module in modules {
        for rule in &module.ast.policy {
            if let Some((name, _)) = head_name(rule) {
                let path = format!("{}.{name}", module.package);
                definitions.entry(path).or_default().push((module, rule));
            }
        }
    }
    let mut weigher = Weigher {
        names,
        definitions: &definitions,
        known: BTreeMap::new(),
        open: Vec::new(),
        diagnostics,
    };
    for path in definitions.keys() {
        weigher.path(path);
    }
}

struct Weigher<'a> {
    names: &'a Names,
    definitions: &'a BTreeMap<String, Vec<(&'a Parsed, &'a Rule)>>,
    known: BTreeMap<String, u64>,
    open: Vec<String>,
    diagnostics: &'a mut Diagnostics,
}

type Locals<'a> = BTreeMap<&'a str, u64>;

impl<'a> Weigher<'a> {
    fn path(&mut self, path: &str) -> u64 {
        if let Some(weight) = self.known.get(path) {
            return *weight;
        }
        let definitions = self.definitions;
        let Some(list) = definitions.get(path) else {
            return 1;
        };
        let wrong = if self.open.iter().any(|open| open == path) {
            Some(("recursion", format!("`{path}` needs itself")))
        } else if self.open.len() >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} rules need each other in a chain");
            Some(("chain", message))
        } else {
            None
        };
        if let Some((code, message)) = wrong {
            if let Some((module, rule)) = list.first() {
                self.diagnostics
                    .add(module.span(rule.span()), code, message);
            }
            return 1;
        }
        self.open.push(path.to_owned());
        let mut total = 0_u64;
        for (module, rule) in list {
            let weight = self.rule(module, rule);
            total = total.saturating_add(weight);
            if total > MAX_GROWTH {
                let message = "written out in full, this rule would be too large";
                let help = "use fewer copies of what other rules and variables hold";
                self.diagnostics
                    .add_with_help(module.span(rule.span()), "growth", (message, help));
                total = 1;
                break;
            }
        }
        self.open.pop();
        self.known.insert(path.to_owned(), total.max(1));
        total.max(1)
    }

    fn rule(&mut self, module: &'a Parsed, rule: &'a Rule) -> u64 {
        let (expressions, queries) = pieces(rule);
        let mut locals = Locals::new();
        if let Rule::Spec {
            head: RuleHead::Func { args, .. },
            ..
        } = rule
        {
            let arguments = args.iter().flat_map(|arg| variables(arg));
            locals.extend(arguments.map(|span| (span.text(), 1)));
        }
        // Variables can be used before the statement that gives them a value; at most as many rounds
        // as there are statements make the weights stable or too large.
        let rounds: usize = queries.iter().map(|query| query.stmts.len()).sum();
        for _ in 0..=rounds {
            let before = locals.clone();
            for query in &queries {
                self.bind(module, query, &mut locals);
            }
            if before == locals {
                break;
            }
        }
        let mut total = 1_u64;
        for expression in expressions {
            total = total.saturating_add(self.expression(module, expression, &locals));
        }
        for query in queries {
            total = total.saturating_add(self.query(module, query, &locals));
        }
        total
    }

    /// Give the variables of `query` their weights.
    fn bind(&mut self, module: &'a Parsed, query: &'a Query, locals: &mut Locals<'a>) {
        for statement in &query.stmts {
            let (expressions, inner) = parts(statement);
            match &statement.literal {
                Literal::SomeIn {
                    key,
                    value,
                    collection,
                    ..
                } => {
                    let weight = self.expression(module, collection, locals);
                    let patterns = key.iter().chain([value]);
                    patterns.for_each(|pattern| raise(locals, pattern, weight));
                }
                Literal::Every {
                    key, value, domain, ..
                } => {
                    let weight = self.expression(module, domain, locals);
                    for span in key.iter().chain([value]) {
                        raise_name(locals, span.text(), weight);
                    }
                }
                _ => {}
            }
            for expression in expressions {
                self.bind_within(module, expression, locals);
            }
            if let Some(inner) = inner {
                self.bind(module, inner, locals);
            }
        }
    }

    fn bind_within(&mut self, module: &'a Parsed, expression: &'a Ref<Expr>, l: &mut Locals<'a>) {
        if let Expr::AssignExpr { lhs, rhs, .. } = &**expression {
            let (left, right) = (
                self.expression(module, lhs, l),
                self.expression(module, rhs, l),
            );
            raise(l, lhs, right);
            raise(l, rhs, left);
        }
        for child in children(expression) {
            self.bind_within(module, child, l);
        }
        if let Some(query) = query_of(expression) {
            self.bind(module, query, l);
        }
    }

    fn query(&mut self, module: &'a Parsed, query: &'a Query, locals: &Locals<'a>) -> u64 {
        let mut total = 0_u64;
        for statement in &query.stmts {
            let (expressions, inner) = parts(statement);
            for expression in expressions {
                total = total.saturating_add(self.expression(module, expression, locals));
            }
            if let Some(inner) = inner {
                total = total.saturating_add(self.query(module, inner, locals));
            }
        }
        total
    }

    fn expression(&mut self, module: &'a Parsed, expression: &'a Expr, l: &Locals<'a>) -> u64 {
        let own = match expression {
            Expr::Var { span, .. } => match l.get(span.text()) {
                Some(weight) => *weight,
                None => self.target(module, expression),
            },
            Expr::RefDot { .. } => self.target(module, expression),
            Expr::RefBrack { index, .. } => {
                let index = self.expression(module, index, l);
                index.saturating_add(self.target(module, expression))
            }
            Expr::Call { fcn, .. } => self.target(module, fcn),
            _ => 1,
        };
        let mut inner = 0_u64;
        if !matches!(expression, Expr::RefBrack { .. }) {
            for child in children(expression) {
                inner = inner.saturating_add(self.expression(module, child, l));
            }
        } else if let Expr::RefBrack { refr, .. } = expression {
            if !matches!(&**refr, Expr::Var { .. }) {
                inner = self.expression(module, refr, l);
            } else if let Expr::Var { span, .. } = &**refr {
                inner = l.get(span.text()).copied().unwrap_or(0);
            }
        }
        if let Some(query) = query_of(expression) {
            inner = inner.saturating_add(self.query(module, query, l));
        }
        match expression {
            // What a function does with its arguments, it may do as often as it is long.
            Expr::Call { .. } => own.saturating_mul(inner.max(1)),
            _ => own.saturating_add(inner),
        }
        .min(MAX_GROWTH.saturating_add(1))
    }

    fn target(&mut self, module: &'a Parsed, expression: &'a Expr) -> u64 {
        match self.names.target(module, expression) {
            Target::Rule(path) => self.path(&path),
            Target::Library(_) => 16,
            Target::Input | Target::Local(_) | Target::Nothing(_) | Target::Expression => 1,
        }
    }
}

fn raise<'a>(locals: &mut Locals<'a>, pattern: &'a Expr, weight: u64) {
    for span in variables(pattern) {
        raise_name(locals, span.text(), weight);
    }
}

fn raise_name<'a>(locals: &mut Locals<'a>, name: &'a str, weight: u64) {
    let old = locals.get(name).copied().unwrap_or(1);
    let weight = weight.max(old).min(MAX_GROWTH.saturating_add(1));
    locals.insert(name, weight);
}
