//! Statements.

use super::expression::set;
use super::{Body, Lowered, Lowering, TooLarge, weight};
use crate::echolua::machine::code::{Count, NO_NODE, OPEN, Op, Operand, Reg};
use crate::echolua::unit::{Expr, NodeId, Stmt, Target, Walk};
use crate::value::Value;

impl Lowering {
    pub(super) fn block(&mut self, body: &mut Body, block: &[Stmt]) -> Lowered<()> {
        let (slots, fixed) = (body.slots.len(), body.fixed);
        for statement in block {
            self.statement(body, statement)?;
        }
        leave(body, slots, fixed);
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one short arm for each kind")]
    fn statement(&mut self, body: &mut Body, statement: &Stmt) -> Lowered<()> {
        match statement {
            Stmt::Local { count, values } => {
                body.charge_more(1 + u32::from(*count) + weight::all(values));
                self.exactly(body, values, *count)?;
                body.free = body.fixed;
                for _ in 0..*count {
                    body.declare()?;
                }
            }
            Stmt::Function { function } => {
                body.charge_more(2 + function.captures.len() as u32);
                let to = body.declare()?;
                self.closure(body, function, to)?;
            }
            Stmt::Set { targets, values } => {
                body.charge_more(1 + weight::targets(targets) + weight::all(values));
                self.assign(body, targets, values)?;
            }
            Stmt::Call(call) => {
                body.charge_more(1 + weight::one(call));
                self.call(body, call, 0)?;
            }
            Stmt::Do(block) => self.block(body, block)?,
            Stmt::While {
                at,
                condition,
                body: block,
            } => {
                let top = body.here();
                body.charge_at(1 + weight::one(condition), *at);
                let exit = self.unless(body, condition)?;
                self.rounds(body, block)?;
                body.emit(Op::Jump { to: top }, NO_NODE);
                body.aim(exit);
                self.end_loop(body);
            }
            Stmt::Repeat {
                at,
                body: block,
                condition,
            } => self.repeat(body, *at, block, condition)?,
            Stmt::If { arms, otherwise } => self.branch(body, arms, otherwise)?,
            Stmt::For {
                at,
                start,
                stop,
                step,
                body: block,
            } => {
                self.counted(body, *at, [Some(start), Some(stop), step.as_ref()], block)?;
            }
            Stmt::Each {
                at,
                walk,
                table,
                body: block,
            } => {
                self.each(body, (*at, *walk), table, block)?;
            }
            Stmt::Return(values) => {
                body.charge_more(1 + weight::all(values));
                let first = Reg::try_from(body.free).map_err(|_| TooLarge { what: "registers" })?;
                let count = match values.as_slice() {
                    // Nothing has to be moved for the commonest of all.
                    [Expr::Local(slot)] => {
                        body.emit(
                            Op::Return {
                                first: body.slot(*slot),
                                count: 1,
                            },
                            NO_NODE,
                        );
                        return Ok(());
                    }
                    values => self.values(body, values)?,
                };
                body.emit(Op::Return { first, count }, NO_NODE);
            }
            Stmt::Break => {
                body.charge_more(1);
                let jump = body.emit(Op::Jump { to: 0 }, NO_NODE);
                if let Some(breaks) = body.breaks.last_mut() {
                    breaks.push(jump);
                }
            }
        }
        body.free = body.fixed;
        Ok(())
    }

    /// Evaluate a condition and jump, to a place given later, where it is not true.
    fn unless(&mut self, body: &mut Body, condition: &Expr) -> Lowered<usize> {
        if let Some((op, at)) = self.comparison(body, condition)? {
            body.free = body.fixed;
            body.emit(op, at);
            return Ok(body.emit(Op::Jump { to: 0 }, NO_NODE));
        }
        let from = match condition {
            Expr::Local(slot) => body.slot(*slot),
            other => self.register(body, other)?,
        };
        body.free = body.fixed;
        Ok(body.emit(Op::JumpUnless { from, to: 0 }, NO_NODE))
    }

    /// The body of a loop; its end is still to be marked with [`end_loop`](Self::end_loop).
    fn rounds(&mut self, body: &mut Body, block: &[Stmt]) -> Lowered<()> {
        body.breaks.push(Vec::new());
        self.block(body, block)
    }

    /// Aim the breaks of the innermost loop here.
    fn end_loop(&mut self, body: &mut Body) {
        for jump in body.breaks.pop().unwrap_or_default() {
            body.aim(jump);
        }
        body.here();
    }

    fn repeat(
        &mut self,
        body: &mut Body,
        at: NodeId,
        block: &[Stmt],
        condition: &Expr,
    ) -> Lowered<()> {
        let (slots, fixed) = (body.slots.len(), body.fixed);
        let top = body.here();
        body.charge_at(1 + weight::one(condition), at);
        body.breaks.push(Vec::new());
        for statement in block {
            self.statement(body, statement)?;
        }
        let again = self.unless(body, condition)?;
        body.aim_at(again, top);
        leave(body, slots, fixed);
        self.end_loop(body);
        Ok(())
    }

    fn branch(
        &mut self,
        body: &mut Body,
        arms: &[(Expr, Vec<Stmt>)],
        otherwise: &[Stmt],
    ) -> Lowered<()> {
        let mut ends = Vec::new();
        for (index, (condition, block)) in arms.iter().enumerate() {
            body.charge_more(1 + weight::one(condition));
            let next = self.unless(body, condition)?;
            body.here();
            self.block(body, block)?;
            let last = index + 1 == arms.len() && otherwise.is_empty();
            if !last {
                ends.push(body.emit(Op::Jump { to: 0 }, NO_NODE));
            }
            body.aim(next);
        }
        self.block(body, otherwise)?;
        for end in ends {
            body.aim(end);
        }
        body.here();
        Ok(())
    }

    fn counted(
        &mut self,
        body: &mut Body,
        at: NodeId,
        bounds: [Option<&Expr>; 3],
        block: &[Stmt],
    ) -> Lowered<()> {
        let (slots, fixed) = (body.slots.len(), body.fixed);
        let one = Expr::Literal(Value::Integer(1));
        let bounds = bounds.map(|bound| bound.unwrap_or(&one));
        body.charge_more(1 + bounds.iter().map(|bound| weight::one(bound)).sum::<u32>());
        let base = body.reserve(bounds.len())?;
        for (bound, reg) in bounds.into_iter().zip(base..) {
            self.into(body, bound, reg)?;
        }
        body.fixed = body.free;
        body.declare()?;
        let prepare = body.emit(Op::ForPrepare { base, to: 0 }, at);
        let top = body.here();
        body.charge_at(1, at);
        self.rounds(body, block)?;
        body.emit(Op::ForNext { base, to: top }, at);
        body.aim(prepare);
        leave(body, slots, fixed);
        self.end_loop(body);
        Ok(())
    }

    fn each(
        &mut self,
        body: &mut Body,
        (at, walk): (NodeId, Walk),
        table: &Expr,
        block: &[Stmt],
    ) -> Lowered<()> {
        let (slots, fixed) = (body.slots.len(), body.fixed);
        body.charge_more(1 + weight::one(table));
        let base = self.register(body, table)?;
        body.fixed = body.free;
        body.declare()?;
        body.declare()?;
        let begin = match walk {
            Walk::Dpairs => Op::Dpairs { base },
            Walk::Ipairs => Op::Ipairs { base },
        };
        body.emit(begin, at);
        let top = body.here();
        let next = body.emit(Op::WalkNext { base, to: 0 }, at);
        self.rounds(body, block)?;
        body.emit(Op::Jump { to: top }, NO_NODE);
        body.aim(next);
        leave(body, slots, fixed);
        self.end_loop(body);
        Ok(())
    }

    fn assign(&mut self, body: &mut Body, targets: &[Target], values: &[Expr]) -> Lowered<()> {
        if let ([target], [value]) = (targets, values) {
            return match target {
                Target::Local(slot) => self.into(body, value, body.slot(*slot)),
                Target::Index { at, object, key } => {
                    let object = self.operand(body, object)?;
                    let key = self.operand(body, key)?;
                    let value = self.operand(body, value)?;
                    body.emit(set(object, key, value), *at);
                    Ok(())
                }
            };
        }
        // Everything is evaluated before anything is assigned, so locals are read into copies.
        let mut places = Vec::new();
        for target in targets {
            places.push(match target {
                Target::Local(_) => None,
                Target::Index { object, key, .. } => {
                    Some((self.register(body, object)?, self.register(body, key)?))
                }
            });
        }
        let count = Count::try_from(targets.len())
            .ok()
            .filter(|count| *count < OPEN)
            .ok_or(TooLarge { what: "targets" })?;
        let first = self.exactly(body, values, count)?;
        for ((target, place), value) in targets.iter().zip(places).zip(first..) {
            let from = Operand(value.into());
            match (target, place) {
                (Target::Local(slot), _) => {
                    let to = body.slot(*slot);
                    body.emit(Op::Load { to, from }, NO_NODE);
                }
                (Target::Index { at, .. }, Some((object, key))) => {
                    let (object, key) = (Operand(object.into()), Operand(key.into()));
                    body.emit(Op::Set { object, key, value }, *at);
                }
                (Target::Index { .. }, None) => {}
            }
        }
        Ok(())
    }
}

/// End the scope of the locals from `slots` on.
fn leave(body: &mut Body, slots: usize, fixed: usize) {
    body.slots.truncate(slots);
    body.fixed = fixed;
    body.free = fixed;
}
