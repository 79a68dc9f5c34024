//! Expressions, with no more brackets than they need.

use super::{Writer, literal};
use crate::echolua::unit::{Binary, Choice, Expr, Item, Unary};

/// How tightly an expression holds together; a looser one in a tighter place needs brackets.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Level {
    Or,
    And,
    Compare,
    Concat,
    Sum,
    Product,
    Unary,
    /// Literals, constructors and functions, which cannot be indexed or called without brackets
    Simple,
    /// Names, indexing and calls
    Prefix,
}

impl Writer<'_> {
    /// Write an expression.
    pub(super) fn text(&mut self, expression: &Expr) {
        self.at(expression, Level::Or);
    }

    /// An expression as a text of its own.
    pub(super) fn written(&mut self, expression: &Expr) -> String {
        self.aside(|writer| writer.text(expression))
    }

    /// Expressions with commas between.
    pub(super) fn list(&mut self, expressions: &[Expr]) -> String {
        let written: Vec<String> = expressions.iter().map(|e| self.written(e)).collect();
        written.join(", ")
    }

    /// What `write` writes, as a text of its own.
    pub(super) fn aside(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let before = std::mem::take(&mut self.out);
        write(self);
        std::mem::replace(&mut self.out, before)
    }

    /// `object.key`, `object[key]`.
    pub(super) fn index(&mut self, object: &Expr, key: &Expr) {
        self.at(object, Level::Prefix);
        match key {
            Expr::Literal(value) if literal::name(value).is_some() => {
                let name = literal::name(value).unwrap_or_default();
                self.out.push_str(&format!(".{name}"));
            }
            key => {
                self.out.push('[');
                self.text(key);
                self.out.push(']');
            }
        }
    }

    /// Write an expression where one of `least` can stand.
    fn at(&mut self, expression: &Expr, least: Level) {
        let brackets = level(expression) < least;
        if brackets {
            self.out.push('(');
        }
        self.bare(expression);
        if brackets {
            self.out.push(')');
        }
    }

    fn bare(&mut self, expression: &Expr) {
        match expression {
            Expr::Nil => self.out.push_str("nil"),
            Expr::Literal(value) => self.out.push_str(&literal::value(value)),
            Expr::Constant(place) => self.out.push_str(&format!("c{place}")),
            Expr::Local(slot) => self.out.push_str(&self.local(usize::from(*slot))),
            Expr::Captured(index) => self.out.push_str(&self.up(*index)),
            Expr::Itself => self.out.push_str(&self.itself()),
            Expr::Function(place) => {
                let name = self.functions.get(usize::from(*place));
                self.out.push_str(name.map_or("", String::as_str));
            }
            Expr::Library(function) => self.out.push_str(function.name()),
            Expr::Unary { op, operand, .. } => {
                self.out.push_str(match op {
                    Unary::Negate => "- ",
                    Unary::Not => "not ",
                    Unary::Length => "#",
                });
                self.at(operand, Level::Unary);
            }
            Expr::Binary {
                op, left, right, ..
            } => {
                let own = binary(*op);
                self.at(left, own);
                self.out.push_str(&format!(" {} ", op.name()));
                self.at(right, above(own));
            }
            Expr::Choice { op, parts } => self.chain(parts, choice(*op)),
            Expr::Concat { parts, .. } => self.chain(parts, (Level::Concat, " .. ")),
            Expr::Index { object, key, .. } => self.index(object, key),
            Expr::Call {
                callee, arguments, ..
            } => {
                self.at(callee, Level::Prefix);
                let arguments = self.list(arguments);
                self.out.push_str(&format!("({arguments})"));
            }
            Expr::First(inner) => {
                self.out.push('(');
                self.text(inner);
                self.out.push(')');
            }
            Expr::Table { items, .. } => self.table(items),
            Expr::Closure(function) => self.function(None, function),
        }
    }

    /// `a and b and c`: a part that is such a chain itself stands in brackets.
    fn chain(&mut self, parts: &[Expr], (own, operator): (Level, &str)) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push_str(operator);
            }
            self.at(part, above(own));
        }
    }

    fn table(&mut self, items: &[Item]) {
        if items.is_empty() {
            self.out.push_str("{}");
            return;
        }
        self.out.push_str("{ ");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            match item {
                Item::Next(value) => self.text(value),
                Item::Keyed(key, value) => {
                    match key {
                        Expr::Literal(key) if literal::name(key).is_some() => {
                            let name = literal::name(key).unwrap_or_default();
                            self.out.push_str(name);
                        }
                        key => {
                            self.out.push('[');
                            self.text(key);
                            self.out.push(']');
                        }
                    }
                    self.out.push_str(" = ");
                    self.text(value);
                }
            }
        }
        self.out.push_str(" }");
    }
}

const fn level(expression: &Expr) -> Level {
    match expression {
        Expr::Choice { op, .. } => choice(*op).0,
        Expr::Binary { op, .. } => binary(*op),
        Expr::Concat { .. } => Level::Concat,
        Expr::Unary { .. } => Level::Unary,
        Expr::Nil | Expr::Literal(_) | Expr::Table { .. } | Expr::Closure(_) => Level::Simple,
        Expr::Constant(_)
        | Expr::Local(_)
        | Expr::Captured(_)
        | Expr::Function(_)
        | Expr::Itself
        | Expr::Library(_)
        | Expr::Index { .. }
        | Expr::Call { .. }
        | Expr::First(_) => Level::Prefix,
    }
}

const fn choice(op: Choice) -> (Level, &'static str) {
    match op {
        Choice::Or => (Level::Or, " or "),
        Choice::And => (Level::And, " and "),
    }
}

const fn binary(op: Binary) -> Level {
    match op {
        Binary::Add | Binary::Subtract => Level::Sum,
        Binary::Multiply | Binary::Divide | Binary::FloorDivide | Binary::Remainder => {
            Level::Product
        }
        Binary::Equal
        | Binary::Unequal
        | Binary::Less
        | Binary::LessEqual
        | Binary::Greater
        | Binary::GreaterEqual => Level::Compare,
    }
}

/// The next tighter level.
const fn above(level: Level) -> Level {
    match level {
        Level::Or => Level::And,
        Level::And => Level::Compare,
        Level::Compare => Level::Concat,
        Level::Concat => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Unary,
        Level::Unary => Level::Simple,
        Level::Simple | Level::Prefix => Level::Prefix,
    }
}
