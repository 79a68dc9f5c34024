//! A resolved program: names are gone, locals are slots, what remains is what is hashed.
//! `docs/spec/echolua.md#elc`.

use crate::value::Value;

use super::library::Library;

/// Which node of a program, in the order of its encoding; faults are located by it.
pub(crate) type NodeId = u32;

/// A whole program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unit {
    /// Values of top-level locals, frozen
    pub(crate) constants: Vec<Value>,
    /// Top-level functions in the order of the source
    pub(crate) functions: Vec<Function>,
    /// Index of `fold`
    pub(crate) fold: u16,
    /// Index of `initial`, where the program has one
    pub(crate) initial: Option<u16>,
}

/// A function, at the top level or inside another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Function {
    /// Number of parameters; they are the first slots
    pub(crate) params: u8,
    /// What a nested function takes from the one around it, read when it is made
    pub(crate) captures: Vec<Capture>,
    /// Statements
    pub(crate) body: Vec<Stmt>,
}

/// Where a nested function takes a value from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Capture {
    /// A local of the function around it
    Local(u8),
    /// A capture of the function around it
    Captured(u8),
    /// The function around it, itself
    Itself,
}

/// A statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Stmt {
    /// `local a, b = e…`: the next slots
    Local { count: u8, values: Vec<Expr> },
    /// `local function`: the next slot
    Function { function: Box<Function> },
    /// Assignment
    Set {
        targets: Vec<Target>,
        values: Vec<Expr>,
    },
    /// A call whose results are dropped
    Call(Expr),
    /// `do … end`
    Do(Vec<Self>),
    /// `while`
    While {
        at: NodeId,
        condition: Expr,
        body: Vec<Self>,
    },
    /// `repeat`; the condition sees the body's locals
    Repeat {
        at: NodeId,
        body: Vec<Self>,
        condition: Expr,
    },
    /// `if … elseif … else`
    If {
        arms: Vec<(Expr, Vec<Self>)>,
        otherwise: Vec<Self>,
    },
    /// Numeric `for`; the counter is the next slot
    For {
        at: NodeId,
        start: Expr,
        stop: Expr,
        step: Option<Expr>,
        body: Vec<Self>,
    },
    /// `for k, v in dpairs(t)` or `ipairs(t)`; the next two slots
    Each {
        at: NodeId,
        walk: Walk,
        table: Expr,
        body: Vec<Self>,
    },
    /// `return`
    Return(Vec<Expr>),
    /// `break`
    Break,
}

/// Which way of going through a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Walk {
    /// Integers ascending, then strings bytewise
    Dpairs,
    /// 1, 2, … up to the first nil
    Ipairs,
}

/// What can be assigned to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// A local
    Local(u8),
    /// `object[key]`
    Index { at: NodeId, object: Expr, key: Expr },
}

/// An expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expr {
    /// `nil`
    Nil,
    /// A scalar: null, boolean, number, text
    Literal(Value),
    /// A top-level constant
    Constant(u16),
    /// A local
    Local(u8),
    /// A captured value
    Captured(u8),
    /// A top-level function
    Function(u16),
    /// The nested function that is running
    Itself,
    /// A library function
    Library(Library),
    /// One operand
    Unary {
        at: NodeId,
        op: Unary,
        operand: Box<Self>,
    },
    /// Two operands
    Binary {
        at: NodeId,
        op: Binary,
        left: Box<Self>,
        right: Box<Self>,
    },
    /// `a and b and c`, `a or b or c`
    Choice { op: Choice, parts: Vec<Self> },
    /// `a .. b .. c`
    Concat { at: NodeId, parts: Vec<Self> },
    /// `object[key]`
    Index {
        at: NodeId,
        object: Box<Self>,
        key: Box<Self>,
    },
    /// A call; the only expression with other than one value
    Call {
        at: NodeId,
        callee: Box<Self>,
        arguments: Vec<Self>,
    },
    /// A call in parentheses: exactly one value
    First(Box<Self>),
    /// A table constructor
    Table { at: NodeId, items: Vec<Item> },
    /// A nested function
    Closure(Box<Function>),
}

/// One item of a table constructor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    /// The next place of the list
    Next(Expr),
    /// `[key] = value`
    Keyed(Expr, Expr),
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unary {
    Negate,
    Not,
    Length,
}

/// Operators whose right side may not be evaluated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Choice {
    And,
    Or,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Unary {
    /// Every operator with its name in ELC.
    pub(crate) const ALL: [(Self, &'static str); 3] = [
        (Self::Negate, "neg"),
        (Self::Not, "not"),
        (Self::Length, "#"),
    ];

    /// The name in ELC.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(op, _)| *op == self)
            .map_or("", |(_, name)| name)
    }

    /// The operator of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(op, _)| *op)
    }
}

impl Binary {
    /// Every operator with its name in ELC and in the source.
    pub(crate) const ALL: [(Self, &'static str); 12] = [
        (Self::Add, "+"),
        (Self::Subtract, "-"),
        (Self::Multiply, "*"),
        (Self::Divide, "/"),
        (Self::FloorDivide, "//"),
        (Self::Remainder, "%"),
        (Self::Equal, "=="),
        (Self::Unequal, "~="),
        (Self::Less, "<"),
        (Self::LessEqual, "<="),
        (Self::Greater, ">"),
        (Self::GreaterEqual, ">="),
    ];

    /// The name in ELC.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(op, _)| *op == self)
            .map_or("", |(_, name)| name)
    }

    /// The operator of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(op, _)| *op)
    }
}

impl Expr {
    /// The literal that a minus before a literal makes, so that both spellings are one program.
    pub(crate) fn negated_literal(&self) -> Option<Self> {
        let Self::Literal(value) = self else {
            return None;
        };
        let negated = match value {
            Value::Integer(integer) => Value::Integer(integer.checked_neg()?),
            Value::Decimal(fraction) => Value::number(fraction.decimal().negated()),
            _ => return None,
        };
        Some(Self::Literal(negated))
    }

    /// Whether it may have other than one value in the last place of a list.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Call { .. })
    }
}
