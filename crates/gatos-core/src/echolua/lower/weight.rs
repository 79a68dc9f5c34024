//! Fuel of a statement by itself: one for each node of its program. `docs/spec/echolua.md#fuel`.

use crate::echolua::unit::{Expr, Item, Target};

/// Nodes of a list of expressions.
pub(super) fn all(expressions: &[Expr]) -> u32 {
    expressions.iter().map(one).sum()
}

/// Nodes of assignment targets.
pub(super) fn targets(targets: &[Target]) -> u32 {
    let target = |target: &Target| match target {
        Target::Local(_) => 1,
        Target::Index { object, key, .. } => 1 + one(object) + one(key),
    };
    targets.iter().map(target).sum()
}

/// Nodes of an expression, all branches included; the body of a nested function is burnt for when
/// it is called.
pub(super) fn one(expression: &Expr) -> u32 {
    1 + match expression {
        Expr::Unary { operand, .. } => one(operand),
        Expr::Binary { left, right, .. } => one(left) + one(right),
        Expr::Choice { parts, .. } | Expr::Concat { parts, .. } => all(parts),
        Expr::Index { object, key, .. } => one(object) + one(key),
        Expr::Call {
            callee, arguments, ..
        } => one(callee) + all(arguments),
        Expr::First(inner) => one(inner),
        Expr::Table { items, .. } => items.iter().map(item).sum(),
        Expr::Closure(function) => function.captures.len() as u32,
        Expr::Nil
        | Expr::Literal(_)
        | Expr::Constant(_)
        | Expr::Local(_)
        | Expr::Captured(_)
        | Expr::Function(_)
        | Expr::Itself
        | Expr::Library(_) => 0,
    }
}

fn item(item: &Item) -> u32 {
    match item {
        Item::Next(value) => 1 + one(value),
        Item::Keyed(key, value) => 1 + one(key) + one(value),
    }
}
