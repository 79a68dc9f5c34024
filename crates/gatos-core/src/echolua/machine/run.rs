//! The loop that runs instructions.

use std::rc::Rc;

use super::arithmetic;
use super::call::Stopped;
use super::code::{CONSTANTS, Code, OPEN, Op, Operand, Proto};
use super::table::{Kind, Table};
use super::val::{Closure, Val};
use super::walk::Walker;
use super::{Machine, convert};
use crate::echolua::error::{Fault, FoldError};
use crate::echolua::library;
use crate::echolua::unit::Capture;

impl Machine {
    /// Run until the frames above `floor` have returned.
    pub(super) fn run(&mut self, code: &Code, floor: usize) -> Stopped<()> {
        while self.frames.len() > floor {
            self.run_frame(code)?;
        }
        Ok(())
    }

    fn stop(proto: &Proto, at: usize, fault: Fault) -> Box<FoldError> {
        let node = proto.nodes.get(at.wrapping_sub(1)).copied();
        let node = node.filter(|node| *node != super::code::NO_NODE);
        Box::new(FoldError { fault, node })
    }

    /// Run the innermost frame until it calls or returns.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm per instruction; splitting it costs speed"
    )]
    fn run_frame(&mut self, code: &Code) -> Stopped<()> {
        let Some(frame) = self.frames.last() else {
            return Ok(());
        };
        let proto = &code.protos[usize::from(frame.proto)];
        let base = frame.base;
        let mut at = frame.at;
        macro_rules! check {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(fault) => return Err(Self::stop(proto, at, fault)),
                }
            };
        }
        macro_rules! read {
            ($operand:expr) => {{
                let Operand(operand) = $operand;
                if operand < CONSTANTS {
                    &self.stack[base + usize::from(operand)]
                } else {
                    &self.constants[usize::from(operand - CONSTANTS)]
                }
            }};
        }
        macro_rules! write {
            ($reg:expr, $value:expr) => {{
                let value = $value;
                self.stack[base + usize::from($reg)].put(value);
            }};
        }
        macro_rules! binary {
            ($function:path, $to:ident, $left:ident, $right:ident) => {{
                let value = check!($function(read!($left), read!($right), &mut self.meter));
                write!($to, value);
            }};
        }
        // Integers are added and compared here, everything else where it can take its time.
        macro_rules! integers {
            ($checked:ident, $function:path, $to:ident, $left:ident, $right:ident) => {{
                let fast = match (read!($left), read!($right)) {
                    (Val::Int(left), Val::Int(right)) => left.$checked(*right),
                    _ => None,
                };
                match fast {
                    Some(integer) => self.stack[base + usize::from($to)].put_int(integer),
                    None => binary!($function, $to, $left, $right),
                }
            }};
        }
        macro_rules! ordered {
            ($operator:tt, $is:ident, $left:ident, $right:ident) => {{
                let (left, right) = (read!($left), read!($right));
                match (left, right) {
                    (Val::Int(left), Val::Int(right)) => left $operator right,
                    _ => check!(arithmetic::compare(left, right, &mut self.meter)).$is(),
                }
            }};
        }
        macro_rules! equal {
            ($left:ident, $right:ident) => {{
                let (left, right) = (read!($left), read!($right));
                check!(arithmetic::equal(left, right, &mut self.meter))
            }};
        }
        // The next instruction is a jump: pass over it where the condition holds.
        macro_rules! skip {
            ($holds:expr) => {
                match proto.ops[at] {
                    Op::Jump { to } if !$holds => at = to as usize,
                    _ => at += 1,
                }
            };
        }
        macro_rules! counted {
            ($count:expr, $first:expr) => {
                match $count {
                    OPEN => self.top - $first,
                    count => usize::from(count),
                }
            };
        }
        loop {
            let op = proto.ops[at];
            at += 1;
            match op {
                Op::Charge(fuel) => check!(self.meter.burn(fuel.into())),
                Op::Load { to, from } => match read!(from) {
                    Val::Int(integer) => {
                        let integer = *integer;
                        self.stack[base + usize::from(to)].put_int(integer);
                    }
                    other => write!(to, other.clone()),
                },
                Op::LoadNil { to, count } => {
                    for offset in 0..count {
                        write!(to + offset, Val::Nil);
                    }
                }
                Op::Captured { to, index } => {
                    let closure = self.frames.last().and_then(|frame| frame.closure.as_ref());
                    let captures = closure.map_or(&[][..], |closure| &closure.captures);
                    write!(
                        to,
                        captures
                            .get(usize::from(index))
                            .cloned()
                            .unwrap_or(Val::Nil)
                    );
                }
                Op::Itself { to } => {
                    let closure = self.frames.last().and_then(|frame| frame.closure.clone());
                    write!(to, closure.map_or(Val::Nil, Val::Closure));
                }
                Op::Function { to, function } => write!(to, Val::Function(function)),
                Op::Library { to, function } => write!(to, Val::Library(function)),
                Op::Get { to, object, key } => {
                    let (object, key) = (read!(object), read!(key));
                    let Val::Table(table) = object else {
                        let kind = object.kind();
                        let key = shown(key);
                        return Err(Self::stop(proto, at, Fault::Index { kind, key }));
                    };
                    let data = table.borrow();
                    match data.near(key) {
                        Some(Val::Int(integer)) => {
                            let integer = *integer;
                            drop(data);
                            self.stack[base + usize::from(to)].put_int(integer);
                        }
                        // Nothing is borrowed when the register is written: the table may be in it.
                        Some(value) => {
                            let value = value.clone();
                            drop(data);
                            write!(to, value);
                        }
                        None => {
                            drop(data);
                            let value = check!(table.get(key, &mut self.meter));
                            write!(to, value);
                        }
                    }
                }
                Op::Set { object, key, value } => {
                    if let Val::Table(table) = read!(object) {
                        let unchanged = match &self.stack[base + usize::from(value)] {
                            Val::Int(integer) => table.renew(read!(key), *integer),
                            Val::Table(child) => table.holds(read!(key), child),
                            _ => false,
                        };
                        if unchanged {
                            continue;
                        }
                    }
                    let value = self.stack[base + usize::from(value)].clone();
                    check!(store(read!(object), read!(key), value, &mut self.meter));
                }
                Op::SetConstant { object, key, value } => {
                    let value = self.constants[usize::from(value - CONSTANTS)].clone();
                    check!(store(read!(object), read!(key), value, &mut self.meter));
                }
                Op::Add { to, left, right } => {
                    integers!(checked_add, arithmetic::add, to, left, right);
                }
                Op::Subtract { to, left, right } => {
                    integers!(checked_sub, arithmetic::subtract, to, left, right);
                }
                Op::Multiply { to, left, right } => {
                    integers!(checked_mul, arithmetic::multiply, to, left, right);
                }
                Op::Divide { to, left, right } => binary!(arithmetic::divide, to, left, right),
                Op::FloorDivide { to, left, right } => {
                    binary!(arithmetic::floor_divide, to, left, right);
                }
                Op::Remainder { to, left, right } => {
                    binary!(arithmetic::remainder, to, left, right);
                }
                Op::Equal { to, left, right } => {
                    let holds = equal!(left, right);
                    write!(to, Val::Bool(holds));
                }
                Op::Unequal { to, left, right } => {
                    let holds = !equal!(left, right);
                    write!(to, Val::Bool(holds));
                }
                Op::Less { to, left, right } => {
                    let holds = ordered!(<, is_lt, left, right);
                    write!(to, Val::Bool(holds));
                }
                Op::LessEqual { to, left, right } => {
                    let holds = ordered!(<=, is_le, left, right);
                    write!(to, Val::Bool(holds));
                }
                Op::IfEqual { left, right } => {
                    let holds = equal!(left, right);
                    skip!(holds);
                }
                Op::IfUnequal { left, right } => {
                    let holds = !equal!(left, right);
                    skip!(holds);
                }
                Op::IfLess { left, right } => {
                    let holds = ordered!(<, is_lt, left, right);
                    skip!(holds);
                }
                Op::IfLessEqual { left, right } => {
                    let holds = ordered!(<=, is_le, left, right);
                    skip!(holds);
                }
                Op::Negate { to, from } => write!(to, check!(arithmetic::negate(read!(from)))),
                Op::Not { to, from } => write!(to, Val::Bool(!read!(from).is_true())),
                Op::Length { to, from } => {
                    let length = check!(library::length(read!(from)));
                    write!(to, Val::Int(length as i64));
                }
                Op::Concat { to, first, count } => {
                    let first = base + usize::from(first);
                    let parts = &self.stack[first..first + usize::from(count)];
                    let text = check!(library::concat(parts, &mut self.meter));
                    write!(to, text);
                }
                Op::Jump { to } => at = to as usize,
                Op::JumpIf { from, to } => {
                    if self.stack[base + usize::from(from)].is_true() {
                        at = to as usize;
                    }
                }
                Op::JumpUnless { from, to } => {
                    if !self.stack[base + usize::from(from)].is_true() {
                        at = to as usize;
                    }
                }
                Op::Call {
                    base: reg,
                    arguments,
                    results,
                } => {
                    let to = base + usize::from(reg);
                    let callee = self.stack[to].clone();
                    let count = counted!(arguments, to + 1);
                    if let Some(frame) = self.frames.last_mut() {
                        frame.at = at;
                    }
                    if let Val::Library(function) = callee {
                        check!(self.library_call(function, (to, to + 1, count), results));
                    } else if check!(self.enter(code, &callee, (to, to + 1, count), results)) {
                        return Ok(());
                    }
                }
                Op::CallFunction {
                    base: reg,
                    function,
                    arguments,
                    results,
                } => {
                    let to = base + usize::from(reg);
                    let count = counted!(arguments, to);
                    if let Some(frame) = self.frames.last_mut() {
                        frame.at = at;
                    }
                    let callee = Val::Function(function);
                    if check!(self.enter(code, &callee, (to, to, count), results)) {
                        return Ok(());
                    }
                }
                Op::CallLibrary {
                    base: reg,
                    function,
                    arguments,
                    results,
                } => {
                    let to = base + usize::from(reg);
                    let count = counted!(arguments, to);
                    check!(self.library_call(function, (to, to, count), results));
                }
                Op::Return { first, count } => {
                    let first = base + usize::from(first);
                    let count = counted!(count, first);
                    self.leave(first, count);
                    return Ok(());
                }
                Op::Table { to } => {
                    let table = check!(Table::charged(Kind::Map, &mut self.meter));
                    write!(to, Val::Table(table));
                }
                Op::Append {
                    table,
                    first,
                    count,
                    after,
                } => {
                    let first = base + usize::from(first);
                    let count = counted!(count, first);
                    check!(self.append(base + usize::from(table), (first, count), after));
                }
                Op::Closure { to, proto: index } => {
                    let closure = check!(self.closure(code, index, base));
                    write!(to, closure);
                }
                Op::ForPrepare { base: reg, to } => {
                    if !check!(self.prepare(base + usize::from(reg))) {
                        at = to as usize;
                    }
                }
                Op::ForNext { base: reg, to } => {
                    if self.next_round(base + usize::from(reg)) {
                        at = to as usize;
                    }
                }
                Op::Dpairs { base: reg } => {
                    let walker = match &self.stack[base + usize::from(reg)] {
                        Val::Table(table) => check!(Walker::dpairs(table, &mut self.meter)),
                        other => check!(Err(not_a_table("dpairs", other))),
                    };
                    write!(reg, Val::Walker(walker));
                }
                Op::Ipairs { base: reg } => {
                    let walker = match &self.stack[base + usize::from(reg)] {
                        Val::Table(table) => Walker::ipairs(table),
                        other => check!(Err(not_a_table("ipairs", other))),
                    };
                    write!(reg, Val::Walker(walker));
                }
                Op::WalkNext { base: reg, to } => {
                    let next = match &self.stack[base + usize::from(reg)] {
                        Val::Walker(walker) => check!(walker.next(&mut self.meter)),
                        _ => None,
                    };
                    match next {
                        Some((key, value)) => {
                            write!(reg + 1, key);
                            write!(reg + 2, value);
                        }
                        None => at = to as usize,
                    }
                }
            }
        }
    }

    fn append(
        &mut self,
        table: usize,
        (first, count): (usize, usize),
        after: u32,
    ) -> Result<(), Fault> {
        let Val::Table(table) = &self.stack[table] else {
            return Ok(());
        };
        let keys = i64::from(after) + 1..;
        for (value, key) in self.stack[first..first + count].iter().zip(keys) {
            table.set(&Val::Int(key), value.clone(), &mut self.meter)?;
        }
        Ok(())
    }

    fn closure(&mut self, code: &Code, index: u16, base: usize) -> Result<Val, Fault> {
        let proto = &code.protos[usize::from(index)];
        self.meter.allocate(32 + 24 * proto.captures.len() as u64)?;
        let own = self.frames.last().and_then(|frame| frame.closure.clone());
        let captures = proto.captures.iter().map(|capture| match (capture, &own) {
            (Capture::Local(reg), _) => self.stack[base + usize::from(*reg)].clone(),
            (Capture::Captured(index), Some(own)) => own
                .captures
                .get(usize::from(*index))
                .cloned()
                .unwrap_or(Val::Nil),
            (Capture::Itself, Some(own)) => Val::Closure(Rc::clone(own)),
            (Capture::Captured(_) | Capture::Itself, None) => Val::Nil,
        });
        let captures = captures.collect();
        Ok(Val::Closure(Rc::new(Closure {
            proto: index,
            captures,
        })))
    }
}

const fn not_a_table(function: &'static str, found: &Val) -> Fault {
    Fault::Argument {
        function,
        position: 1,
        found: found.kind(),
        want: "a table",
    }
}

fn store(object: &Val, key: &Val, value: Val, meter: &mut super::Meter) -> Result<(), Fault> {
    match object {
        Val::Table(table) => table.set(key, value, meter),
        other => Err(Fault::Index {
            kind: other.kind(),
            key: shown(key),
        }),
    }
}

/// A key as an error shows it.
fn shown(key: &Val) -> String {
    match convert::value(key, &mut convert::Path::new("key")) {
        Ok(crate::value::Value::Text(text)) => text.chars().take(40).collect(),
        Ok(crate::value::Value::Integer(integer)) => format!("[{integer}]"),
        _ => format!("[{}]", key.kind()),
    }
}
