//! ELC to program: everything that the compiler would not have written is refused.
//! `docs/spec/echolua.md#elc`.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts of locals, which are bounded at once"
    )
)]

use std::cell::Cell;

use super::LANGUAGE;
use super::error::ElcError;
use super::library::Library;
use super::number::number;
use super::unit::{
    Binary, Capture, Choice, Expr, Function, Item, NodeId, Stmt, Target, Unary, Unit, Walk,
};
use crate::cbor::{self, Fields, Keys, Limits};
use crate::value::Value;

/// Largest program in bytes.
pub const MAX_ELC_BYTES: usize = 1 << 20;
/// Deepest nesting of lists in a program.
pub const MAX_ELC_DEPTH: usize = 160;
/// Most constants, and most functions, of a program.
const MAX_TOP_LEVEL: usize = 4096;
/// Most locals visible at one place.
const MAX_LOCALS: usize = 200;
/// Most values that a nested function takes from those around it.
const MAX_CAPTURES: usize = 60;
/// Most values in one list of expressions.
const MAX_VALUES: usize = 101;

/// The program whose one byte string `bytes` is.
pub(super) fn decode(bytes: &[u8]) -> Result<Unit, ElcError> {
    let limits = Limits {
        max_bytes: MAX_ELC_BYTES,
        max_depth: MAX_ELC_DEPTH,
        max_items: MAX_ELC_BYTES,
        keys: Keys::Users,
    };
    let value = cbor::decode_with(bytes, &limits)?;
    let mut fields = Fields::of("program", value)?;
    let language = fields.text("v")?;
    if language != LANGUAGE {
        return Err(ElcError::Language { found: language });
    }
    let constants = fields.list("constants")?;
    let functions = fields.list("functions")?;
    let fold = fields.integer("fold")?;
    let initial = fields.optional("initial");
    fields.finish()?;
    if constants.len() > MAX_TOP_LEVEL || functions.len() > MAX_TOP_LEVEL {
        return Err(ElcError::TooMany {
            what: "constants or functions",
        });
    }
    if !constants.iter().all(is_constant) {
        return Err(ElcError::Shape {
            what: "constant".to_owned(),
        });
    }
    let decoder = Decoder {
        constants: constants.len(),
        functions: functions.len(),
        entries: [
            Some(fold),
            match initial {
                Some(Value::Integer(place)) => Some(place),
                _ => None,
            },
        ],
    };
    let functions = functions
        .into_iter()
        .enumerate()
        .map(|(place, function)| decoder.function(function, Around::Top(place)))
        .collect::<Result<Vec<_>, _>>()?;
    let entry = |index: i64, name: &'static str, params: u8| {
        let index = u16::try_from(index).map_err(|_| ElcError::Reference { what: name })?;
        match functions.get(usize::from(index)) {
            Some(function) if function.params == params => Ok(index),
            _ => Err(ElcError::Reference { what: name }),
        }
    };
    let initial = match initial {
        None => None,
        Some(Value::Integer(index)) => Some(entry(index, "initial", 0)?),
        Some(_) => return Err(ElcError::Reference { what: "initial" }),
    };
    let fold = entry(fold, "fold", 2)?;
    let mut unit = Unit {
        constants,
        functions,
        fold,
        initial,
    };
    number(&mut unit);
    if super::encode::encode(&unit) != bytes {
        return Err(ElcError::NotCanonical);
    }
    Ok(unit)
}

/// Whether a source can have given this value: none has byte strings or links.
fn is_constant(value: &Value) -> bool {
    match value {
        Value::Bytes(_) | Value::Link(_) => false,
        Value::List(items) => items.iter().all(is_constant),
        Value::Map(map) => map.iter().all(|(_, item)| is_constant(item)),
        _ => true,
    }
}

/// What the nodes of a program can refer to.
struct Decoder {
    constants: usize,
    functions: usize,
    /// Places of `fold` and `initial`, which are known everywhere; others from their place on
    entries: [Option<i64>; 2],
}

/// Where the decoder is inside a function.
struct Place<'a> {
    /// Visible locals, by slot
    locals: Vec<Local>,
    captures: usize,
    /// How many of them were used: a program has them in the order of their first use
    used: Cell<usize>,
    loops: usize,
    around: Around<'a>,
    decoder: &'a Decoder,
}

/// What is done with a local: not both, as a nested function has the value that it took.
#[derive(Debug, Default)]
struct Local {
    assigned: Cell<bool>,
    captured: Cell<bool>,
}

/// Where a function stands.
enum Around<'a> {
    /// At the top level, at this place
    Top(usize),
    /// In another function, as a local function, which can name itself; whether it does
    Named(&'a Place<'a>, &'a Cell<bool>),
    /// In another function, as an expression
    Nameless(&'a Place<'a>),
}

impl Place<'_> {
    /// The function of the top level that this is in.
    fn top(&self) -> usize {
        match &self.around {
            Around::Top(place) => *place,
            Around::Named(place, _) | Around::Nameless(place) => place.top(),
        }
    }

    /// Note that a captured value is used.
    fn note(&self, index: usize) -> Result<(), ElcError> {
        let used = self.used.get();
        if index > used {
            return Err(ElcError::NotCanonical);
        }
        self.used.set(used.max(index + 1));
        Ok(())
    }
}

/// Ids are given at the end, in the order of the encoding.
const UNNUMBERED: NodeId = 0;

impl Decoder {
    fn function(&self, value: Value, around: Around<'_>) -> Result<Function, ElcError> {
        let [params, captures, body] = items::<3>("function", value)?;
        let params = small(&params, MAX_LOCALS, "parameters")?;
        let captures = list("captures", captures)?
            .into_iter()
            .map(|capture| self.capture(capture, &around))
            .collect::<Result<Vec<_>, _>>()?;
        let distinct = captures
            .iter()
            .enumerate()
            .all(|(i, c)| !captures.iter().take(i).any(|before| before == c));
        if captures.len() > MAX_CAPTURES || !distinct {
            return Err(ElcError::TooMany { what: "captures" });
        }
        let mut place = Place {
            locals: Vec::new(),
            captures: captures.len(),
            used: Cell::new(0),
            loops: 0,
            around,
            decoder: self,
        };
        place.declare(params.into())?;
        let body = place.block(body)?;
        place.end_scope(0)?;
        if place.used.get() != captures.len() {
            return Err(ElcError::NotCanonical);
        }
        Ok(Function {
            params,
            captures,
            body,
        })
    }

    fn capture(&self, value: Value, around: &Around<'_>) -> Result<Capture, ElcError> {
        let (Around::Named(place, _) | Around::Nameless(place)) = around else {
            return Err(ElcError::Reference { what: "capture" });
        };
        match place.expression(value)? {
            Expr::Local(slot) => {
                place.note_local(slot, |local| &local.captured);
                Ok(Capture::Local(slot))
            }
            Expr::Captured(index) => Ok(Capture::Captured(index)),
            Expr::Itself => Ok(Capture::Itself),
            _ => Err(ElcError::Reference { what: "capture" }),
        }
    }
}

impl Place<'_> {
    /// Statements with a scope of their own.
    fn scope(&mut self, value: Value) -> Result<Vec<Stmt>, ElcError> {
        let locals = self.locals.len();
        let block = self.block(value)?;
        self.end_scope(locals)?;
        Ok(block)
    }

    /// The body of a loop that declares `slots` locals.
    fn loop_body(&mut self, value: Value, slots: usize) -> Result<Vec<Stmt>, ElcError> {
        let locals = self.locals.len();
        self.declare(slots)?;
        self.loops += 1;
        let block = self.block(value)?;
        self.loops -= 1;
        self.end_scope(locals)?;
        Ok(block)
    }

    fn declare(&mut self, count: usize) -> Result<(), ElcError> {
        let locals = self.locals.len() + count;
        if locals > MAX_LOCALS {
            return Err(ElcError::TooMany { what: "locals" });
        }
        self.locals.resize_with(locals, Local::default);
        Ok(())
    }

    /// End the scope of the locals from a slot on.
    fn end_scope(&mut self, from: usize) -> Result<(), ElcError> {
        let mut ended = self.locals.drain(from..);
        match ended.any(|local| local.assigned.get() && local.captured.get()) {
            true => Err(ElcError::NotCanonical),
            false => Ok(()),
        }
    }

    /// Note what is done with a local.
    fn note_local(&self, slot: u8, what: fn(&Local) -> &Cell<bool>) {
        if let Some(local) = self.locals.get(usize::from(slot)) {
            what(local).set(true);
        }
    }

    fn block(&mut self, value: Value) -> Result<Vec<Stmt>, ElcError> {
        let statements = list("block", value)?;
        let last = statements.len().saturating_sub(1);
        let mut out = Vec::with_capacity(statements.len());
        for (index, statement) in statements.into_iter().enumerate() {
            let statement = self.statement(statement)?;
            if index < last && matches!(statement, Stmt::Return(_) | Stmt::Break) {
                return Err(ElcError::Unreachable);
            }
            out.push(statement);
        }
        Ok(out)
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each form of statement")]
    fn statement(&mut self, value: Value) -> Result<Stmt, ElcError> {
        let (name, operands) = named(value)?;
        Ok(match name.as_str() {
            "let" => {
                let [count, values] = exactly(&name, operands)?;
                let values = self.expressions(values)?;
                let count = small(&count, MAX_LOCALS, "locals")?;
                if count == 0 {
                    return Err(ElcError::Shape { what: name });
                }
                self.declare(count.into())?;
                Stmt::Local { count, values }
            }
            "def" => {
                let [function] = exactly(&name, operands)?;
                // Its own slot is not yet there for what it takes: it knows itself as `self`.
                let itself = Cell::new(false);
                let around = Around::Named(self, &itself);
                let function = self.decoder.function(function, around)?;
                self.declare(1)?;
                if let Some(own) = self.locals.last() {
                    own.captured.set(itself.get());
                }
                Stmt::Function {
                    function: Box::new(function),
                }
            }
            "set" => {
                let [targets, values] = exactly(&name, operands)?;
                let targets = list("targets", targets)?
                    .into_iter()
                    .map(|target| self.target(target))
                    .collect::<Result<Vec<_>, _>>()?;
                if targets.is_empty() || targets.len() > MAX_VALUES {
                    return Err(ElcError::Shape { what: name });
                }
                Stmt::Set {
                    targets,
                    values: self.expressions(values)?,
                }
            }
            "call" => Stmt::Call(self.node(name, operands)?),
            "do" => {
                let [body] = exactly(&name, operands)?;
                Stmt::Do(self.scope(body)?)
            }
            "while" => {
                let [condition, body] = exactly(&name, operands)?;
                let condition = self.expression(condition)?;
                Stmt::While {
                    at: UNNUMBERED,
                    condition,
                    body: self.loop_body(body, 0)?,
                }
            }
            "repeat" => {
                let [body, condition] = exactly(&name, operands)?;
                let locals = self.locals.len();
                self.loops += 1;
                let body = self.block(body)?;
                self.loops -= 1;
                let condition = self.expression(condition)?;
                self.end_scope(locals)?;
                Stmt::Repeat {
                    at: UNNUMBERED,
                    body,
                    condition,
                }
            }
            "if" => self.branch(&name, operands)?,
            "for" | "dpairs" | "ipairs" => self.iteration(&name, operands)?,
            "return" => {
                let [values] = exactly(&name, operands)?;
                Stmt::Return(self.expressions(values)?)
            }
            "break" if self.loops > 0 => {
                let [] = exactly(&name, operands)?;
                Stmt::Break
            }
            _ => return Err(ElcError::Unknown { name }),
        })
    }

    fn branch(&mut self, name: &str, operands: Vec<Value>) -> Result<Stmt, ElcError> {
        let [arms, otherwise] = exactly(name, operands)?;
        let arms = list("arms", arms)?
            .into_iter()
            .map(|arm| {
                let [condition, body] = items::<2>("arm", arm)?;
                Ok((self.expression(condition)?, self.scope(body)?))
            })
            .collect::<Result<Vec<_>, ElcError>>()?;
        if arms.is_empty() {
            return Err(ElcError::Shape {
                what: name.to_owned(),
            });
        }
        Ok(Stmt::If {
            arms,
            otherwise: self.scope(otherwise)?,
        })
    }

    fn iteration(&mut self, name: &str, operands: Vec<Value>) -> Result<Stmt, ElcError> {
        let at = UNNUMBERED;
        if name == "for" {
            let [start, stop, step, body] = exactly(name, operands)?;
            let (start, stop) = (self.expression(start)?, self.expression(stop)?);
            let step = match self.expression(step)? {
                Expr::Literal(Value::Integer(1)) => None,
                step => Some(step),
            };
            return Ok(Stmt::For {
                at,
                start,
                stop,
                step,
                body: self.loop_body(body, 1)?,
            });
        }
        let walk = if name == "dpairs" {
            Walk::Dpairs
        } else {
            Walk::Ipairs
        };
        let [table, body] = exactly(name, operands)?;
        let table = self.expression(table)?;
        Ok(Stmt::Each {
            at,
            walk,
            table,
            body: self.loop_body(body, 2)?,
        })
    }

    fn target(&self, value: Value) -> Result<Target, ElcError> {
        match self.expression(value)? {
            Expr::Local(slot) => {
                self.note_local(slot, |local| &local.assigned);
                Ok(Target::Local(slot))
            }
            Expr::Index { at, object, key } => Ok(Target::Index {
                at,
                object: *object,
                key: *key,
            }),
            _ => Err(ElcError::Shape {
                what: "target".to_owned(),
            }),
        }
    }

    fn expressions(&self, value: Value) -> Result<Vec<Expr>, ElcError> {
        let values = list("values", value)?;
        if values.len() > MAX_VALUES {
            return Err(ElcError::TooMany { what: "values" });
        }
        values
            .into_iter()
            .map(|value| self.expression(value))
            .collect()
    }

    fn expression(&self, value: Value) -> Result<Expr, ElcError> {
        match value {
            Value::List(_) => {
                let (name, operands) = named(value)?;
                self.node(name, operands)
            }
            Value::Map(_) | Value::Bytes(_) | Value::Link(_) => Err(ElcError::Shape {
                what: "literal".to_owned(),
            }),
            scalar => Ok(Expr::Literal(scalar)),
        }
    }

    fn boxed(&self, value: Value) -> Result<Box<Expr>, ElcError> {
        self.expression(value).map(Box::new)
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each form of expression")]
    fn node(&self, name: String, operands: Vec<Value>) -> Result<Expr, ElcError> {
        let at = UNNUMBERED;
        if let Some(op) = Unary::named(&name) {
            let [operand] = exactly(&name, operands)?;
            let operand = self.boxed(operand)?;
            if op == Unary::Negate && operand.negated_literal().is_some() {
                return Err(ElcError::NotCanonical);
            }
            return Ok(Expr::Unary { at, op, operand });
        }
        if let Some(op) = Binary::named(&name) {
            let [left, right] = exactly(&name, operands)?;
            let (left, right) = (self.boxed(left)?, self.boxed(right)?);
            return Ok(Expr::Binary {
                at,
                op,
                left,
                right,
            });
        }
        Ok(match name.as_str() {
            "and" | "or" => {
                if operands.len() < 2 {
                    return Err(ElcError::Shape { what: name });
                }
                let op = if name == "and" {
                    Choice::And
                } else {
                    Choice::Or
                };
                let parts = operands.into_iter().map(|part| self.expression(part));
                Expr::Choice {
                    op,
                    parts: parts.collect::<Result<_, _>>()?,
                }
            }
            ".." => {
                if operands.len() < 2 {
                    return Err(ElcError::Shape { what: name });
                }
                let parts = operands.into_iter().map(|part| self.expression(part));
                Expr::Concat {
                    at,
                    parts: parts.collect::<Result<_, _>>()?,
                }
            }
            "index" => {
                let [object, key] = exactly(&name, operands)?;
                Expr::Index {
                    at,
                    object: self.boxed(object)?,
                    key: self.boxed(key)?,
                }
            }
            "call" => {
                let [callee, arguments] = exactly(&name, operands)?;
                let callee = self.boxed(callee)?;
                Expr::Call {
                    at,
                    callee,
                    arguments: self.expressions(arguments)?,
                }
            }
            "one" => {
                let [inner] = exactly(&name, operands)?;
                match self.boxed(inner)? {
                    call if call.is_open() => Expr::First(call),
                    _ => return Err(ElcError::Shape { what: name }),
                }
            }
            "table" => {
                let items = operands.into_iter().map(|item| self.item(item));
                Expr::Table {
                    at,
                    items: items.collect::<Result<_, _>>()?,
                }
            }
            "closure" => {
                let [function] = exactly(&name, operands)?;
                Expr::Closure(Box::new(
                    self.decoder.function(function, Around::Nameless(self))?,
                ))
            }
            _ => self.reference(name, operands)?,
        })
    }

    fn item(&self, value: Value) -> Result<Item, ElcError> {
        let mut parts = list("item", value)?.into_iter();
        match (parts.next(), parts.next(), parts.next()) {
            (Some(value), None, None) => Ok(Item::Next(self.expression(value)?)),
            (Some(key), Some(value), None) => {
                Ok(Item::Keyed(self.expression(key)?, self.expression(value)?))
            }
            _ => Err(ElcError::Shape {
                what: "item".to_owned(),
            }),
        }
    }

    fn reference(&self, name: String, operands: Vec<Value>) -> Result<Expr, ElcError> {
        let index = |count: usize, what: &'static str| {
            let [index] = exactly(&name, operands.clone())?;
            match index {
                Value::Integer(i) if usize::try_from(i).is_ok_and(|i| i < count) => Ok(i),
                _ => Err(ElcError::Reference { what }),
            }
        };
        let wide = |i: i64| u16::try_from(i).unwrap_or(u16::MAX);
        let slot = |i: i64| u8::try_from(i).unwrap_or(u8::MAX);
        Ok(match name.as_str() {
            "nil" | "self" => {
                let [] = exactly(&name, operands)?;
                match (name.as_str(), &self.around) {
                    ("nil", _) => Expr::Nil,
                    (_, Around::Named(_, itself)) => {
                        itself.set(true);
                        Expr::Itself
                    }
                    _ => return Err(ElcError::Reference { what: "self" }),
                }
            }
            "const" => Expr::Constant(wide(index(self.decoder.constants, "constant")?)),
            "fn" => {
                let place = index(self.decoder.functions, "function")?;
                let known = usize::try_from(place).is_ok_and(|place| place <= self.top());
                if !known && !self.decoder.entries.contains(&Some(place)) {
                    return Err(ElcError::Reference { what: "function" });
                }
                Expr::Function(wide(place))
            }
            "local" => Expr::Local(slot(index(self.locals.len(), "local")?)),
            "up" => {
                let index = slot(index(self.captures, "captured value")?);
                self.note(usize::from(index))?;
                Expr::Captured(index)
            }
            "lib" => match <[Value; 1]>::try_from(operands) {
                Ok([Value::Text(function)]) => Library::named(&function)
                    .map(Expr::Library)
                    .ok_or(ElcError::Unknown { name: function })?,
                _ => return Err(ElcError::Shape { what: name }),
            },
            _ => return Err(ElcError::Unknown { name }),
        })
    }
}

fn list(what: &str, value: Value) -> Result<Vec<Value>, ElcError> {
    match value {
        Value::List(items) => Ok(items),
        _ => Err(ElcError::Shape {
            what: what.to_owned(),
        }),
    }
}

fn items<const N: usize>(what: &str, value: Value) -> Result<[Value; N], ElcError> {
    exactly(what, list(what, value)?)
}

fn exactly<const N: usize>(what: &str, values: Vec<Value>) -> Result<[Value; N], ElcError> {
    <[Value; N]>::try_from(values).map_err(|_| ElcError::Shape {
        what: what.to_owned(),
    })
}

/// The name of a node and its operands.
fn named(value: Value) -> Result<(String, Vec<Value>), ElcError> {
    let mut items = list("node", value)?.into_iter();
    match items.next() {
        Some(Value::Text(name)) => Ok((name, items.collect())),
        _ => Err(ElcError::Shape {
            what: "node".to_owned(),
        }),
    }
}

fn small(value: &Value, most: usize, what: &'static str) -> Result<u8, ElcError> {
    match value {
        Value::Integer(i) if usize::try_from(*i).is_ok_and(|i| i <= most) => {
            u8::try_from(*i).map_err(|_| ElcError::TooMany { what })
        }
        _ => Err(ElcError::TooMany { what }),
    }
}
