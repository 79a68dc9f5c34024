//! The loop that runs instructions.

use std::rc::Rc;
use std::sync::Arc;

use super::arithmetic;
use super::code::{CONSTANTS, Code, Count, OPEN, Op, Operand, Proto};
use super::table::{Kind, Table};
use super::val::{Closure, Val};
use super::walk::Walker;
use super::{MAX_CALLS, Machine, convert};
use crate::echolua::error::{Fault, FoldError};
use crate::echolua::library::{self, Library, Results};
use crate::echolua::unit::Capture;

/// A function that is running.
#[derive(Debug)]
pub(crate) struct Frame {
    proto: u16,
    at: usize,
    /// First register
    base: usize,
    /// How many results the caller wants, at `base` less what stood there
    results: Count,
    /// Where the results go
    to: usize,
    closure: Option<Rc<Closure>>,
}

/// Most calls of functions by library functions inside each other.
const MAX_NESTED: usize = 8;

type Stopped<T> = Result<T, Box<FoldError>>;

impl Machine {
    /// Call a function value and run it to its end; its first result is returned.
    pub(super) fn call(&mut self, callee: &Val, arguments: Vec<Val>) -> Stopped<Val> {
        if self.nested == MAX_NESTED {
            return Err(Box::new(super::nowhere(Fault::Depth { max: MAX_NESTED })));
        }
        self.nested += 1;
        let code = Arc::clone(&self.code);
        let floor = self.frames.len();
        let base = self.stack.len();
        let count = arguments.len();
        self.stack.extend(arguments);
        let entered = self
            .enter(&code, callee, (base, base, count), 1)
            .map_err(|fault| Box::new(super::nowhere(fault)))?;
        if entered {
            self.run(&code, floor)?;
        }
        let result = self.stack.get(base).cloned().unwrap_or(Val::Nil);
        self.stack.truncate(base);
        self.nested -= 1;
        Ok(result)
    }

    /// Begin a call whose arguments stand at `base`, results to go to `to`; whether there is
    /// something left to run.
    fn enter(
        &mut self,
        code: &Code,
        callee: &Val,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<bool, Fault> {
        let (proto, closure) = match callee {
            Val::Function(index) => (*index, None),
            Val::Closure(closure) => (closure.proto, Some(Rc::clone(closure))),
            Val::Library(function) => {
                self.library(*function, (to, base, count), results)?;
                return Ok(false);
            }
            other => return Err(Fault::Call { kind: other.kind() }),
        };
        if self.frames.len() == MAX_CALLS {
            return Err(Fault::Depth { max: MAX_CALLS });
        }
        let function = &code.protos[usize::from(proto)];
        let end = base + usize::from(function.registers).max(1);
        if self.stack.len() < end {
            self.stack.resize(end, Val::Nil);
        }
        for missing in count..usize::from(function.params) {
            self.stack[base + missing] = Val::Nil;
        }
        self.frames.push(Frame {
            proto,
            at: 0,
            base,
            results,
            to,
            closure,
        });
        Ok(true)
    }

    /// Call a library function with the arguments at `base`.
    fn library(
        &mut self,
        function: Library,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<(), Fault> {
        let arguments = &self.stack[base..base + count];
        library::check_arity(function, count)?;
        let values = library::call(function, arguments, &mut self.meter)?;
        match values {
            Results::None => self.deliver(to, results, 0),
            Results::One(value) => {
                self.make_room(to + 1);
                self.stack[to] = value;
                self.deliver(to, results, 1);
            }
            Results::Many(values) => {
                let count = values.len();
                self.make_room(to + count);
                for (offset, value) in values.into_iter().enumerate() {
                    self.stack[to + offset] = value;
                }
                self.deliver(to, results, count);
            }
        }
        Ok(())
    }

    fn make_room(&mut self, end: usize) {
        if self.stack.len() < end {
            self.stack.resize(end, Val::Nil);
        }
    }

    /// `have` results stand at `to`: make them as many as are wanted.
    #[inline]
    fn deliver(&mut self, to: usize, wanted: Count, have: usize) {
        if wanted == OPEN {
            self.top = to + have;
            return;
        }
        let wanted = usize::from(wanted);
        if have < wanted {
            self.make_room(to + wanted);
            for missing in have..wanted {
                self.stack[to + missing] = Val::Nil;
            }
        }
    }

    /// Run until the frames above `floor` have returned.
    fn run(&mut self, code: &Code, floor: usize) -> Stopped<()> {
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
                self.stack[base + usize::from($reg)] = value;
            }};
        }
        macro_rules! binary {
            ($function:path, $to:ident, $left:ident, $right:ident) => {{
                let value = check!($function(read!($left), read!($right), &mut self.meter));
                write!($to, value);
            }};
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
                Op::Load { to, from } => write!(to, read!(from).clone()),
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
                    let value = match read!(object) {
                        Val::Table(table) => check!(table.get(read!(key), &mut self.meter)),
                        other => {
                            let kind = other.kind();
                            let key = shown(read!(key));
                            return Err(Self::stop(proto, at, Fault::Index { kind, key }));
                        }
                    };
                    write!(to, value);
                }
                Op::Set { object, key, value } => {
                    let value = self.stack[base + usize::from(value)].clone();
                    check!(store(read!(object), read!(key), value, &mut self.meter));
                }
                Op::SetConstant { object, key, value } => {
                    let value = self.constants[usize::from(value - CONSTANTS)].clone();
                    check!(store(read!(object), read!(key), value, &mut self.meter));
                }
                Op::Add { to, left, right } => binary!(arithmetic::add, to, left, right),
                Op::Subtract { to, left, right } => binary!(arithmetic::subtract, to, left, right),
                Op::Multiply { to, left, right } => binary!(arithmetic::multiply, to, left, right),
                Op::Divide { to, left, right } => binary!(arithmetic::divide, to, left, right),
                Op::FloorDivide { to, left, right } => {
                    binary!(arithmetic::floor_divide, to, left, right);
                }
                Op::Remainder { to, left, right } => {
                    binary!(arithmetic::remainder, to, left, right);
                }
                Op::Equal { to, left, right } => {
                    let (left, right) = (read!(left), read!(right));
                    let equal = check!(arithmetic::equal(left, right, &mut self.meter));
                    write!(to, Val::Bool(equal));
                }
                Op::Unequal { to, left, right } => {
                    let (left, right) = (read!(left), read!(right));
                    let equal = check!(arithmetic::equal(left, right, &mut self.meter));
                    write!(to, Val::Bool(!equal));
                }
                Op::Less { to, left, right } => {
                    let (left, right) = (read!(left), read!(right));
                    let order = check!(arithmetic::compare(left, right, &mut self.meter));
                    write!(to, Val::Bool(order.is_lt()));
                }
                Op::LessEqual { to, left, right } => {
                    let (left, right) = (read!(left), read!(right));
                    let order = check!(arithmetic::compare(left, right, &mut self.meter));
                    write!(to, Val::Bool(order.is_le()));
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

    /// A library call; those that call back into the program come here too.
    fn library_call(
        &mut self,
        function: Library,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<(), Fault> {
        if function == Library::TableSort {
            library::check_arity(function, count)?;
            let table = self.stack[base].clone();
            let comparator = if count > 1 {
                self.stack[base + 1].clone()
            } else {
                Val::Nil
            };
            self.sort(&table, &comparator)?;
            self.deliver(to, results, 0);
            return Ok(());
        }
        self.library(function, (to, base, count), results)
    }

    /// End the innermost frame with the results at `first`.
    fn leave(&mut self, first: usize, count: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let wanted = match frame.results {
            OPEN => count,
            wanted => count.min(usize::from(wanted)),
        };
        for offset in 0..wanted {
            self.stack[frame.to + offset] =
                std::mem::replace(&mut self.stack[first + offset], Val::Nil);
        }
        self.deliver(frame.to, frame.results, wanted);
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

    /// Check the bounds at `base` and turn the second into the number of rounds left.
    fn prepare(&mut self, base: usize) -> Result<bool, Fault> {
        let mut bounds = [0_i64; 3];
        for (offset, what) in ["the start", "the bound", "the step"]
            .into_iter()
            .enumerate()
        {
            bounds[offset] = match &self.stack[base + offset] {
                Val::Int(integer) => *integer,
                Val::Dec(_) => return Err(bound(what, "a fraction")),
                other => return Err(bound(what, other.kind())),
            };
        }
        let [start, stop, step] = bounds;
        if step == 0 {
            return Err(Fault::Bound {
                what: "the step",
                found: "0",
                want: "another number",
            });
        }
        if (step > 0 && start > stop) || (step < 0 && start < stop) {
            return Ok(false);
        }
        let rounds = start.abs_diff(stop) / step.unsigned_abs();
        // As a bit pattern, because there can be more than 2^63.
        self.stack[base + 1] = Val::Int(rounds as i64);
        self.stack[base + 3] = Val::Int(start);
        Ok(true)
    }

    fn next_round(&mut self, base: usize) -> bool {
        let [Val::Int(at), Val::Int(rounds), Val::Int(step)] = &self.stack[base..base + 3] else {
            return false;
        };
        if *rounds == 0 {
            return false;
        }
        let (at, rounds) = (at.wrapping_add(*step), rounds.wrapping_sub(1));
        self.stack[base] = Val::Int(at);
        self.stack[base + 1] = Val::Int(rounds);
        self.stack[base + 3] = Val::Int(at);
        true
    }
}

const fn bound(what: &'static str, found: &'static str) -> Fault {
    Fault::Bound {
        what,
        found,
        want: "an integer",
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
