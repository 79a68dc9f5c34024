//! The register machine that runs programs.
#![cfg_attr(
    not(test),
    expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "registers, constants and jumps were bounded when the program was lowered, lengths \
                  by the memory limit; numbers of the program itself go through checked operations"
    )
)]

mod arithmetic;
mod call;
pub(crate) mod code;
mod convert;
mod counter;
mod import;
mod meter;
mod run;
mod sort;
mod table;
mod text;
mod val;
mod walk;

use std::sync::Arc;

pub use self::meter::Limits;
pub(crate) use self::meter::{Meter, bytes_fuel};
pub(crate) use self::table::{Kind, Table};
pub(crate) use self::val::Val;
pub(crate) use self::{arithmetic::compare, arithmetic::floor_divide};

use self::call::Frame;
use self::code::Code;
use self::convert::Path;
use super::error::{Fault, FoldError};
use super::unit::{Expr, Function, Stmt, Unit};
use crate::value::Value;

/// Deepest nesting of calls.
pub(crate) const MAX_CALLS: usize = 1000;

/// Registers that are kept from one event to the next.
const KEPT_REGISTERS: usize = 64;

/// A machine with the constants of one program.
#[derive(Debug)]
pub(crate) struct Machine {
    code: Arc<Code>,
    constants: Vec<Val>,
    stack: Vec<Val>,
    frames: Vec<Frame>,
    /// End of the values that the last open list left on the stack
    top: usize,
    /// Calls from inside the library, which nest on the host's own stack
    nested: usize,
    meter: Meter,
}

impl Machine {
    /// A machine for `code`; its top-level constants are made and frozen here.
    pub(crate) fn new(code: Arc<Code>, limits: Limits) -> Self {
        let mut unlimited = Meter::new(Limits {
            fuel_per_event: u64::MAX,
            memory_bytes: u64::MAX,
        });
        let constants = code
            .constants
            .iter()
            .map(|value| {
                let val = import::import(value, &mut unlimited).unwrap_or(Val::Nil);
                if let Val::Table(table) = &val {
                    table.freeze();
                }
                val
            })
            .collect();
        Self {
            code,
            constants,
            stack: Vec::new(),
            frames: Vec::new(),
            top: 0,
            nested: 0,
            meter: Meter::new(limits),
        }
    }

    /// Begin an event: full fuel, and memory less what the state takes.
    pub(crate) fn begin(&mut self) -> Result<(), FoldError> {
        self.meter.begin().map_err(nowhere)
    }

    /// End an event: `state` becomes what its encoding would be read back as.
    pub(crate) fn end(&mut self, state: Val) -> Result<Val, FoldError> {
        let settled = table::settle(state, &mut self.meter).map_err(nowhere)?;
        self.meter.end().map_err(nowhere)?;
        Ok(settled)
    }

    /// An empty state.
    pub(crate) fn empty_map(&mut self) -> Result<Val, FoldError> {
        Table::charged(Kind::Map, &mut self.meter)
            .map(Val::Table)
            .map_err(nowhere)
    }

    /// Fuel burnt since the event began.
    pub(crate) const fn burnt(&self) -> u64 {
        self.meter.burnt()
    }

    /// The machine's form of a value, charged to the event.
    pub(crate) fn import(&mut self, value: &Value) -> Result<Val, FoldError> {
        import::import(value, &mut self.meter).map_err(nowhere)
    }

    /// As [`import`](Self::import), of the value that `bytes` encode.
    pub(crate) fn import_encoded(&mut self, bytes: &[u8]) -> Result<Val, FoldError> {
        import::import_encoded(bytes, &mut self.meter).map_err(nowhere)
    }

    /// Take back an event that was imported, as far as the state does not hold parts of it.
    pub(crate) fn retire(&mut self, event: Val) {
        if let Val::Table(table) = event {
            self.meter.spare = table.retire();
        }
    }

    /// Call a top-level function; everything it left on the stack is dropped.
    pub(crate) fn call_top<const N: usize>(
        &mut self,
        function: u16,
        arguments: [Val; N],
    ) -> Result<Val, FoldError> {
        let result = self.call_at(0, &Val::Function(function), arguments);
        // A few registers stay, and nothing that was in them: no event may see another's.
        self.stack.truncate(KEPT_REGISTERS);
        for register in &mut self.stack {
            register.put(Val::Nil);
        }
        self.frames.clear();
        self.nested = 0;
        result.map_err(|error| *error)
    }
}

/// The value of `val`, which is called `root` in errors.
pub(crate) fn export(val: &Val, root: &'static str) -> Result<Value, FoldError> {
    convert::value(val, &mut Path::new(root)).map_err(nowhere)
}

/// An error that no node of the program caused.
pub(crate) const fn nowhere(fault: Fault) -> FoldError {
    FoldError { fault, node: None }
}

/// The value of a constant expression, which may use earlier constants.
pub(super) fn constant_value(expression: Expr, constants: &[Value]) -> Result<Value, FoldError> {
    let unit = Unit {
        constants: constants.to_vec(),
        functions: vec![Function {
            params: 0,
            captures: Vec::new(),
            body: vec![Stmt::Return(vec![expression])],
        }],
        fold: 0,
        initial: None,
    };
    let code = super::lower::lower(&unit).map_err(|_| {
        nowhere(Fault::Values {
            max: code::MAX_REGISTERS,
        })
    })?;
    let mut machine = Machine::new(Arc::new(code), CONSTANT_LIMITS);
    let val = machine.call_top(0, [])?;
    export(&val, "constant")
}

/// What the evaluation of one constant may use.
const CONSTANT_LIMITS: Limits = Limits {
    fuel_per_event: 1_000_000,
    memory_bytes: 1 << 20,
};
