//! Program to instructions: locals are registers, temporaries stand behind them.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "counts of nodes and registers, which the size of a program bounds"
    )
)]

mod expression;
mod statement;
mod weight;

use std::collections::BTreeMap;

use super::machine::code::{CONSTANTS, Code, MAX_REGISTERS, NO_NODE, Op, Operand, Proto, Reg};
use super::unit::{Capture, Function, NodeId, Unit};
use crate::value::Value;

/// More of something than the machine has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooLarge {
    pub(super) what: &'static str,
}

type Lowered<T> = Result<T, TooLarge>;

/// The instructions of a program.
pub(super) fn lower(unit: &Unit) -> Lowered<Code> {
    let mut lowering = Lowering {
        constants: unit.constants.clone(),
        texts: BTreeMap::new(),
        integers: BTreeMap::new(),
        nested: Vec::new(),
        top_level: unit.functions.len(),
    };
    let mut protos = Vec::new();
    for function in &unit.functions {
        protos.push(lowering.function(function, None)?);
    }
    protos.append(&mut lowering.nested);
    Ok(Code {
        protos,
        constants: lowering.constants,
    })
}

struct Lowering {
    /// Top-level constants, then literals
    constants: Vec<Value>,
    texts: BTreeMap<String, u16>,
    integers: BTreeMap<i64, u16>,
    /// Nested functions; they come after those of the top level
    nested: Vec<Proto>,
    top_level: usize,
}

/// One function while its instructions are written.
#[derive(Default)]
struct Body {
    ops: Vec<Op>,
    nodes: Vec<NodeId>,
    /// Register of each visible local
    slots: Vec<Reg>,
    /// Registers that belong to locals and loops
    fixed: usize,
    /// First register that is free
    free: usize,
    most: usize,
    /// Jumps out of each loop around this place, to be aimed at its end
    breaks: Vec<Vec<usize>>,
    /// The `Charge` instruction to which the next statements add their fuel
    charge: Option<usize>,
}

impl Lowering {
    fn function(&mut self, function: &Function, around: Option<&Body>) -> Lowered<Proto> {
        let mut body = Body::default();
        for _ in 0..function.params {
            body.declare()?;
        }
        body.charge_more(1);
        self.block(&mut body, &function.body)?;
        body.emit(Op::Return { first: 0, count: 0 }, NO_NODE);
        let captures = function
            .captures
            .iter()
            .map(|capture| match (capture, around) {
                (Capture::Local(slot), Some(around)) => {
                    Capture::Local(around.slots.get(usize::from(*slot)).copied().unwrap_or(0))
                }
                (other, _) => *other,
            });
        Ok(Proto {
            params: function.params,
            registers: u8::try_from(body.most).map_err(|_| TooLarge { what: "registers" })?,
            captures: captures.collect(),
            ops: body.ops,
            nodes: body.nodes,
        })
    }

    /// The constant that holds a literal.
    fn literal(&mut self, value: &Value) -> Lowered<Operand> {
        let known = match value {
            Value::Text(text) => self.texts.get(text).copied(),
            Value::Integer(integer) => self.integers.get(integer).copied(),
            _ => None,
        };
        if let Some(index) = known {
            return constant(index);
        }
        let index =
            u16::try_from(self.constants.len()).map_err(|_| TooLarge { what: "literals" })?;
        self.constants.push(value.clone());
        match value {
            Value::Text(text) => {
                self.texts.insert(text.clone(), index);
            }
            Value::Integer(integer) => {
                self.integers.insert(*integer, index);
            }
            _ => {}
        }
        constant(index)
    }
}

fn constant(index: u16) -> Lowered<Operand> {
    let operand = index.checked_add(CONSTANTS).map(Operand);
    operand.ok_or(TooLarge { what: "literals" })
}

impl Body {
    fn emit(&mut self, op: Op, node: NodeId) -> usize {
        self.ops.push(op);
        self.nodes.push(node);
        self.ops.len() - 1
    }

    /// The place of the next instruction, as the target of a jump.
    fn here(&mut self) -> u32 {
        // What follows can be reached from elsewhere, so it is charged for on its own.
        self.charge = None;
        u32::try_from(self.ops.len()).unwrap_or(u32::MAX)
    }

    /// Burn `fuel` before the statements that follow.
    fn charge_more(&mut self, fuel: u32) {
        self.charge_at(fuel, NO_NODE);
    }

    /// As [`charge_more`](Self::charge_more), at a node that stands for the round of a loop.
    fn charge_at(&mut self, fuel: u32, node: NodeId) {
        if let Some(Op::Charge(sum)) = self.charge.and_then(|at| self.ops.get_mut(at)) {
            *sum = sum.saturating_add(fuel);
            return;
        }
        self.charge = Some(self.emit(Op::Charge(fuel), node));
    }

    /// Aim the jump at `at` at the next instruction.
    fn aim(&mut self, at: usize) {
        let target = self.here();
        self.aim_at(at, target);
    }

    fn aim_at(&mut self, at: usize, target: u32) {
        if let Some(
            Op::Jump { to }
            | Op::JumpIf { to, .. }
            | Op::JumpUnless { to, .. }
            | Op::ForPrepare { to, .. }
            | Op::WalkNext { to, .. },
        ) = self.ops.get_mut(at)
        {
            *to = target;
        }
    }

    /// The next local, in the next register.
    fn declare(&mut self) -> Lowered<Reg> {
        let reg = self.reserve(1)?;
        self.slots.push(reg);
        self.fixed = self.free;
        Ok(reg)
    }

    /// So many free registers in a row; the first is returned.
    fn reserve(&mut self, count: usize) -> Lowered<Reg> {
        let first = self.free;
        self.free += count;
        self.most = self.most.max(self.free);
        if self.free > MAX_REGISTERS {
            return Err(TooLarge { what: "registers" });
        }
        Reg::try_from(first).map_err(|_| TooLarge { what: "registers" })
    }

    /// The register of a local.
    fn slot(&self, slot: u8) -> Reg {
        self.slots.get(usize::from(slot)).copied().unwrap_or(0)
    }
}
