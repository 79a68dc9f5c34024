//! Program to ELC: the value whose canonical DAG-CBOR is hashed. `docs/spec/echolua.md#elc`.

use super::LANGUAGE;
use super::unit::{Capture, Choice, Expr, Function, Item, Stmt, Target, Unit, Walk};
use crate::cbor;
use crate::value::Value;

/// The one byte string of a program.
pub(super) fn encode(unit: &Unit) -> Vec<u8> {
    let functions = unit.functions.iter().map(function);
    let mut entries = vec![
        ("v", Value::text(LANGUAGE)),
        ("constants", Value::list(unit.constants.iter().cloned())),
        ("functions", Value::list(functions)),
        ("fold", Value::Integer(unit.fold.into())),
    ];
    if let Some(initial) = unit.initial {
        entries.push(("initial", Value::Integer(initial.into())));
    }
    cbor::encode(&Value::map(entries))
}

fn node(name: &str, operands: impl IntoIterator<Item = Value>) -> Value {
    Value::list(std::iter::once(Value::text(name)).chain(operands))
}

fn function(function: &Function) -> Value {
    Value::list([
        Value::Integer(function.params.into()),
        Value::list(function.captures.iter().map(|capture| match capture {
            Capture::Local(slot) => node("local", [Value::Integer((*slot).into())]),
            Capture::Captured(index) => node("up", [Value::Integer((*index).into())]),
            Capture::Itself => node("self", []),
        })),
        block(&function.body),
    ])
}

fn block(statements: &[Stmt]) -> Value {
    Value::list(statements.iter().map(statement))
}

fn all(expressions: &[Expr]) -> Value {
    Value::list(expressions.iter().map(expression))
}

fn statement(statement: &Stmt) -> Value {
    match statement {
        Stmt::Local { count, values } => {
            node("let", [Value::Integer((*count).into()), all(values)])
        }
        Stmt::Function { function: f } => node("def", [function(f)]),
        Stmt::Set { targets, values } => node(
            "set",
            [Value::list(targets.iter().map(target)), all(values)],
        ),
        Stmt::Call(call) => expression(call),
        Stmt::Do(body) => node("do", [block(body)]),
        Stmt::While {
            condition, body, ..
        } => node("while", [expression(condition), block(body)]),
        Stmt::Repeat {
            body, condition, ..
        } => node("repeat", [block(body), expression(condition)]),
        Stmt::If { arms, otherwise } => {
            let arms = arms
                .iter()
                .map(|(condition, body)| Value::list([expression(condition), block(body)]));
            node("if", [Value::list(arms), block(otherwise)])
        }
        Stmt::For {
            start,
            stop,
            step,
            body,
            ..
        } => {
            let step = step.as_ref().map_or(Value::Integer(1), expression);
            node(
                "for",
                [expression(start), expression(stop), step, block(body)],
            )
        }
        Stmt::Each {
            walk, table, body, ..
        } => {
            let name = match walk {
                Walk::Dpairs => "dpairs",
                Walk::Ipairs => "ipairs",
            };
            node(name, [expression(table), block(body)])
        }
        Stmt::Return(values) => node("return", [all(values)]),
        Stmt::Break => node("break", []),
    }
}

fn target(target: &Target) -> Value {
    match target {
        Target::Local(slot) => node("local", [Value::Integer((*slot).into())]),
        Target::Index { object, key, .. } => node("index", [expression(object), expression(key)]),
    }
}

fn expression(expr: &Expr) -> Value {
    match expr {
        Expr::Nil => node("nil", []),
        Expr::Literal(value) => value.clone(),
        Expr::Constant(index) => node("const", [Value::Integer((*index).into())]),
        Expr::Local(slot) => node("local", [Value::Integer((*slot).into())]),
        Expr::Captured(index) => node("up", [Value::Integer((*index).into())]),
        Expr::Function(index) => node("fn", [Value::Integer((*index).into())]),
        Expr::Itself => node("self", []),
        Expr::Library(function) => node("lib", [Value::text(function.name())]),
        Expr::Unary { op, operand, .. } => node(op.name(), [expression(operand)]),
        Expr::Binary {
            op, left, right, ..
        } => node(op.name(), [expression(left), expression(right)]),
        Expr::Choice {
            op: Choice::And,
            parts,
        } => node("and", parts.iter().map(expression)),
        Expr::Choice {
            op: Choice::Or,
            parts,
        } => node("or", parts.iter().map(expression)),
        Expr::Concat { parts, .. } => node("..", parts.iter().map(expression)),
        Expr::Index { object, key, .. } => node("index", [expression(object), expression(key)]),
        Expr::Call {
            callee, arguments, ..
        } => node("call", [expression(callee), all(arguments)]),
        Expr::First(inner) => node("one", [expression(inner)]),
        Expr::Table { items, .. } => node(
            "table",
            items.iter().map(|item| match item {
                Item::Next(value) => Value::list([expression(value)]),
                Item::Keyed(key, value) => Value::list([expression(key), expression(value)]),
            }),
        ),
        Expr::Closure(f) => node("closure", [function(f)]),
    }
}
