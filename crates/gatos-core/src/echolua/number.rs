//! Node ids in the order of the encoding, so that a program has the same ids from either source.

use super::unit::{Expr, Function, Item, NodeId, Stmt, Target, Unit};

/// Number the nodes of `unit`; the ids that they had are returned in the new order.
pub(super) fn number(unit: &mut Unit) -> Vec<NodeId> {
    let mut numbering = Numbering { before: Vec::new() };
    for function in &mut unit.functions {
        numbering.function(function);
    }
    numbering.before
}

struct Numbering {
    before: Vec<NodeId>,
}

impl Numbering {
    fn node(&mut self, at: &mut NodeId) {
        let next = NodeId::try_from(self.before.len()).unwrap_or(NodeId::MAX);
        self.before.push(std::mem::replace(at, next));
    }

    fn function(&mut self, function: &mut Function) {
        self.block(&mut function.body);
    }

    fn block(&mut self, block: &mut [Stmt]) {
        for statement in block {
            self.statement(statement);
        }
    }

    fn all(&mut self, expressions: &mut [Expr]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn statement(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Local { values, .. } | Stmt::Return(values) => self.all(values),
            Stmt::Function { function } => self.function(function),
            Stmt::Set { targets, values } => {
                for target in targets {
                    if let Target::Index { at, object, key } = target {
                        self.node(at);
                        self.expression(object);
                        self.expression(key);
                    }
                }
                self.all(values);
            }
            Stmt::Call(call) => self.expression(call),
            Stmt::Do(body) => self.block(body),
            Stmt::While {
                at,
                condition,
                body,
            } => {
                self.node(at);
                self.expression(condition);
                self.block(body);
            }
            Stmt::Repeat {
                at,
                body,
                condition,
            } => {
                self.node(at);
                self.block(body);
                self.expression(condition);
            }
            Stmt::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.expression(condition);
                    self.block(body);
                }
                self.block(otherwise);
            }
            Stmt::For {
                at,
                start,
                stop,
                step,
                body,
            } => {
                self.node(at);
                self.expression(start);
                self.expression(stop);
                if let Some(step) = step {
                    self.expression(step);
                }
                self.block(body);
            }
            Stmt::Each {
                at, table, body, ..
            } => {
                self.node(at);
                self.expression(table);
                self.block(body);
            }
            Stmt::Break => {}
        }
    }

    fn expression(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Unary { at, operand, .. } => {
                self.node(at);
                self.expression(operand);
            }
            Expr::Binary {
                at, left, right, ..
            } => {
                self.node(at);
                self.expression(left);
                self.expression(right);
            }
            Expr::Choice { parts, .. } => self.all(parts),
            Expr::Concat { at, parts } => {
                self.node(at);
                self.all(parts);
            }
            Expr::Index { at, object, key } => {
                self.node(at);
                self.expression(object);
                self.expression(key);
            }
            Expr::Call {
                at,
                callee,
                arguments,
            } => {
                self.node(at);
                self.expression(callee);
                self.all(arguments);
            }
            Expr::First(inner) => self.expression(inner),
            Expr::Table { at, items } => {
                self.node(at);
                for item in items {
                    match item {
                        Item::Next(value) => self.expression(value),
                        Item::Keyed(key, value) => {
                            self.expression(key);
                            self.expression(value);
                        }
                    }
                }
            }
            Expr::Closure(function) => self.function(function),
            Expr::Nil
            | Expr::Literal(_)
            | Expr::Constant(_)
            | Expr::Local(_)
            | Expr::Captured(_)
            | Expr::Function(_)
            | Expr::Itself
            | Expr::Library(_) => {}
        }
    }
}
