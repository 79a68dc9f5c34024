//! Expressions.

use super::{Body, Lowered, Lowering, TooLarge, constant};
use crate::echolua::machine::code::{Count, NO_NODE, OPEN, Op, Operand, Reg};
use crate::echolua::unit::{Binary, Choice, Expr, Function, Item, NodeId, Unary};

impl Lowering {
    /// Where the value of an expression can be read, without moving it if it has a place.
    ///
    /// A local can be read where it is: no expression assigns one.
    pub(super) fn operand(&mut self, body: &mut Body, expr: &Expr) -> Lowered<Operand> {
        match expr {
            Expr::Local(slot) => Ok(Operand(body.slot(*slot).into())),
            Expr::Constant(index) => constant(*index),
            Expr::Literal(value) => self.literal(value),
            _ => self.register(body, expr).map(|reg| Operand(reg.into())),
        }
    }

    /// As [`operand`](Self::operand), of the first operand of what will be written to `to`: that
    /// register serves for it too, unless it is a local that the other operand may read.
    fn operand_at(&mut self, body: &mut Body, expr: &Expr, to: Reg) -> Lowered<Operand> {
        match expr {
            Expr::Local(_) | Expr::Constant(_) | Expr::Literal(_) => self.operand(body, expr),
            _ if usize::from(to) < body.fixed => self.operand(body, expr),
            _ => {
                self.into(body, expr, to)?;
                Ok(Operand(to.into()))
            }
        }
    }

    /// Evaluate into the next free register.
    pub(super) fn register(&mut self, body: &mut Body, expr: &Expr) -> Lowered<Reg> {
        let to = body.reserve(1)?;
        self.into(body, expr, to)?;
        Ok(to)
    }

    /// Evaluate into a register; temporaries are free again afterwards.
    pub(super) fn into(&mut self, body: &mut Body, expr: &Expr, to: Reg) -> Lowered<()> {
        let free = body.free;
        self.evaluate(body, expr, to)?;
        body.free = free;
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one short arm for each kind")]
    fn evaluate(&mut self, body: &mut Body, expr: &Expr, to: Reg) -> Lowered<()> {
        let (op, node) = match expr {
            Expr::Nil => (Op::LoadNil { to, count: 1 }, NO_NODE),
            Expr::Local(_) | Expr::Constant(_) | Expr::Literal(_) => {
                let from = self.operand(body, expr)?;
                (Op::Load { to, from }, NO_NODE)
            }
            Expr::Captured(index) => (Op::Captured { to, index: *index }, NO_NODE),
            Expr::Itself => (Op::Itself { to }, NO_NODE),
            Expr::Function(function) => (
                Op::Function {
                    to,
                    function: *function,
                },
                NO_NODE,
            ),
            Expr::Library(function) => (
                Op::Library {
                    to,
                    function: *function,
                },
                NO_NODE,
            ),
            Expr::Unary { at, op, operand } => {
                let from = self.operand_at(body, operand, to)?;
                let op = match op {
                    Unary::Negate => Op::Negate { to, from },
                    Unary::Not => Op::Not { to, from },
                    Unary::Length => Op::Length { to, from },
                };
                (op, *at)
            }
            Expr::Choice { op, parts } => return self.choice(body, *op, parts, to),
            Expr::Binary {
                at,
                op,
                left,
                right,
            } => {
                let left = self.operand_at(body, left, to)?;
                let right = self.operand(body, right)?;
                (binary(*op, to, left, right), *at)
            }
            Expr::Concat { at, parts } => {
                let first = body.reserve(parts.len())?;
                for (part, reg) in parts.iter().zip(first..) {
                    self.into(body, part, reg)?;
                }
                let count =
                    Count::try_from(parts.len()).map_err(|_| TooLarge { what: "operands" })?;
                (Op::Concat { to, first, count }, *at)
            }
            Expr::Index { at, object, key } => {
                let object = self.operand_at(body, object, to)?;
                let key = self.operand(body, key)?;
                (Op::Get { to, object, key }, *at)
            }
            Expr::Call { .. } => {
                let base = self.call(body, expr, 1)?;
                (
                    Op::Load {
                        to,
                        from: Operand(base.into()),
                    },
                    NO_NODE,
                )
            }
            Expr::First(inner) => return self.evaluate(body, inner, to),
            Expr::Table { at, items } => return self.table(body, *at, items, to),
            Expr::Closure(function) => return self.closure(body, function, to),
        };
        body.emit(op, node);
        Ok(())
    }

    /// The instruction that passes over a jump where a condition that compares holds.
    pub(super) fn comparison(
        &mut self,
        body: &mut Body,
        condition: &Expr,
    ) -> Lowered<Option<(Op, NodeId)>> {
        let Expr::Binary {
            at,
            op,
            left,
            right,
        } = condition
        else {
            return Ok(None);
        };
        let compare: fn(Operand, Operand) -> Op = match op {
            Binary::Equal => |left, right| Op::IfEqual { left, right },
            Binary::Unequal => |left, right| Op::IfUnequal { left, right },
            Binary::Less => |left, right| Op::IfLess { left, right },
            Binary::LessEqual => |left, right| Op::IfLessEqual { left, right },
            Binary::Greater => |left, right| Op::IfLess {
                left: right,
                right: left,
            },
            Binary::GreaterEqual => |left, right| Op::IfLessEqual {
                left: right,
                right: left,
            },
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::FloorDivide
            | Binary::Remainder => return Ok(None),
        };
        // As many registers as where the result is kept: which programs are too large is no matter
        // of how they are run.
        let to = body.reserve(1)?;
        let left = self.operand_at(body, left, to)?;
        let right = self.operand(body, right)?;
        Ok(Some((compare(left, right), *at)))
    }

    /// `a and b and c`, `a or b or c`.
    fn choice(&mut self, body: &mut Body, op: Choice, parts: &[Expr], to: Reg) -> Lowered<()> {
        // A local that a later part may read is written only at the end.
        let aside = usize::from(to) < body.fixed;
        let result = if aside { body.reserve(1)? } else { to };
        let mut jumps = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            self.into(body, part, result)?;
            if index + 1 < parts.len() {
                let jump = match op {
                    Choice::And => Op::JumpUnless {
                        from: result,
                        to: 0,
                    },
                    Choice::Or => Op::JumpIf {
                        from: result,
                        to: 0,
                    },
                };
                jumps.push(body.emit(jump, NO_NODE));
            }
        }
        // All parts were charged for with their statement, whichever are evaluated.
        let charge = body.charge;
        for jump in jumps {
            body.aim(jump);
        }
        body.charge = charge;
        if aside {
            body.emit(
                Op::Load {
                    to,
                    from: Operand(result.into()),
                },
                NO_NODE,
            );
        }
        Ok(())
    }

    /// Call and leave the results in registers from the one returned on, which are reserved.
    pub(super) fn call(&mut self, body: &mut Body, expr: &Expr, results: Count) -> Lowered<Reg> {
        let Expr::Call {
            at,
            callee,
            arguments,
        } = expr
        else {
            return self.register(body, expr);
        };
        let free = body.free;
        let base = Reg::try_from(free).map_err(|_| TooLarge { what: "registers" })?;
        let op = match &**callee {
            Expr::Function(index) => {
                let arguments = self.values(body, arguments)?;
                Op::CallFunction {
                    base,
                    function: *index,
                    arguments,
                    results,
                }
            }
            Expr::Library(function) => {
                let arguments = self.values(body, arguments)?;
                Op::CallLibrary {
                    base,
                    function: *function,
                    arguments,
                    results,
                }
            }
            other => {
                self.register(body, other)?;
                let arguments = self.values(body, arguments)?;
                Op::Call {
                    base,
                    arguments,
                    results,
                }
            }
        };
        body.emit(op, *at);
        body.free = free;
        let kept = if results == OPEN {
            1
        } else {
            usize::from(results)
        };
        body.reserve(kept.max(1))?;
        Ok(base)
    }

    /// Evaluate a list into free registers in a row; the last may have any number of values.
    pub(super) fn values(&mut self, body: &mut Body, list: &[Expr]) -> Lowered<Count> {
        let Some((last, before)) = list.split_last() else {
            return Ok(0);
        };
        for expr in before {
            self.register(body, expr)?;
        }
        if last.is_open() {
            self.call(body, last, OPEN)?;
            return Ok(OPEN);
        }
        self.register(body, last)?;
        Count::try_from(list.len()).map_err(|_| TooLarge { what: "values" })
    }

    /// Evaluate a list into exactly `count` free registers in a row.
    pub(super) fn exactly(&mut self, body: &mut Body, list: &[Expr], count: u8) -> Lowered<Reg> {
        let start = body.free;
        let wanted = usize::from(count);
        for (index, expr) in list.iter().enumerate() {
            let last = index + 1 == list.len();
            if last && expr.is_open() && list.len() <= wanted {
                let results = count - Count::try_from(index).unwrap_or(count);
                self.call(body, expr, results)?;
            } else {
                self.register(body, expr)?;
                if index >= wanted {
                    body.free = start + wanted;
                }
            }
        }
        let have = (body.free - start).min(wanted);
        if have < wanted {
            let missing = wanted - have;
            let to = body.reserve(missing)?;
            let count = Count::try_from(missing).unwrap_or(count);
            body.emit(Op::LoadNil { to, count }, NO_NODE);
        }
        body.free = start + wanted;
        Reg::try_from(start).map_err(|_| TooLarge { what: "registers" })
    }

    fn table(&mut self, body: &mut Body, at: NodeId, items: &[Item], to: Reg) -> Lowered<()> {
        // The items may read the local that the table will be kept in.
        let aside = usize::from(to) < body.fixed;
        let table = if aside { body.reserve(1)? } else { to };
        body.emit(Op::Table { to: table }, at);
        let mut listed = Listed {
            table,
            first: Reg::try_from(body.free).map_err(|_| TooLarge { what: "registers" })?,
            count: 0,
            after: 0,
            node: at,
        };
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Keyed(key, value) => {
                    let free = body.free;
                    let key = self.operand(body, key)?;
                    let value = self.operand(body, value)?;
                    body.emit(set(Operand(table.into()), key, value), at);
                    body.free = free;
                }
                Item::Next(value) if index + 1 == items.len() && value.is_open() => {
                    listed.flush(body);
                    self.call(body, value, OPEN)?;
                    listed.count = OPEN;
                    listed.flush(body);
                }
                Item::Next(value) => {
                    self.register(body, value)?;
                    listed.count += 1;
                    if listed.count == LIST_BATCH {
                        listed.flush(body);
                    }
                }
            }
        }
        listed.flush(body);
        if aside {
            body.emit(
                Op::Load {
                    to,
                    from: Operand(table.into()),
                },
                NO_NODE,
            );
        }
        Ok(())
    }

    /// A nested function.
    pub(super) fn closure(&mut self, body: &mut Body, function: &Function, to: Reg) -> Lowered<()> {
        let proto = self.function(function, Some(body))?;
        let index = self.top_level + self.nested.len();
        let proto_index = u16::try_from(index).map_err(|_| TooLarge { what: "functions" })?;
        self.nested.push(proto);
        body.emit(
            Op::Closure {
                to,
                proto: proto_index,
            },
            NO_NODE,
        );
        Ok(())
    }
}

/// Positional items that are appended at once.
const LIST_BATCH: Count = 32;

/// Positional items of a constructor that wait in registers.
struct Listed {
    table: Reg,
    first: Reg,
    count: Count,
    /// Items that were put into the table before
    after: u32,
    node: NodeId,
}

impl Listed {
    /// Put the waiting items into the table.
    fn flush(&mut self, body: &mut Body) {
        let Self {
            table,
            first,
            count,
            after,
            node,
        } = *self;
        if count > 0 {
            body.emit(
                Op::Append {
                    table,
                    first,
                    count,
                    after,
                },
                node,
            );
        }
        self.count = 0;
        self.after = after.saturating_add(count.into());
        body.free = usize::from(first);
    }
}

fn binary(op: Binary, to: Reg, left: Operand, right: Operand) -> Op {
    match op {
        Binary::Add => Op::Add { to, left, right },
        Binary::Subtract => Op::Subtract { to, left, right },
        Binary::Multiply => Op::Multiply { to, left, right },
        Binary::Divide => Op::Divide { to, left, right },
        Binary::FloorDivide => Op::FloorDivide { to, left, right },
        Binary::Remainder => Op::Remainder { to, left, right },
        Binary::Equal => Op::Equal { to, left, right },
        Binary::Unequal => Op::Unequal { to, left, right },
        Binary::Less => Op::Less { to, left, right },
        Binary::LessEqual => Op::LessEqual { to, left, right },
        Binary::Greater => Op::Less {
            to,
            left: right,
            right: left,
        },
        Binary::GreaterEqual => Op::LessEqual {
            to,
            left: right,
            right: left,
        },
    }
}

/// A store of either a register or a constant.
pub(super) fn set(object: Operand, key: Operand, value: Operand) -> Op {
    match Reg::try_from(value.0) {
        Ok(value) => Op::Set { object, key, value },
        Err(_) => Op::SetConstant {
            object,
            key,
            value: value.0,
        },
    }
}
