//! Statements.

use full_moon::ast::{
    Assignment, Block, Call, Expression, FunctionArgs, GenericFor, LastStmt, LocalAssignment,
    LocalFunction, NumericFor, Prefix, Stmt as Syntax, Suffix, Var,
};
use full_moon::tokenizer::TokenReference;

use super::scope::{Found, MAX_LOCALS};
use super::{Checker, Top, name_of, span};
use crate::echolua::diagnostic::{Rule, Span};
use crate::echolua::unit::{Stmt, Target, Walk};

impl Checker<'_> {
    /// A block whose locals end with it.
    pub(super) fn block(&mut self, block: &Block) -> Vec<Stmt> {
        let depth = self.depth();
        let statements = self.block_in_scope(block);
        self.close_scope(depth);
        statements
    }

    /// The body of a loop.
    fn loop_block(&mut self, block: &Block) -> Vec<Stmt> {
        self.enter_loop();
        let statements = self.block(block);
        self.leave_loop();
        statements
    }

    pub(super) fn block_in_scope(&mut self, block: &Block) -> Vec<Stmt> {
        let mut out: Vec<Stmt> = block.stmts().filter_map(|s| self.statement(s)).collect();
        match block.last_stmt() {
            Some(LastStmt::Return(r)) => {
                out.push(Stmt::Return(self.expressions(r.returns().iter())))
            }
            Some(LastStmt::Break(token)) => {
                if self
                    .scopes
                    .functions
                    .last()
                    .is_none_or(|scope| scope.loops == 0)
                {
                    self.refuse(Rule::BREAK, span(token), "`break` outside of a loop", "");
                }
                out.push(Stmt::Break);
            }
            _ => {}
        }
        out
    }

    fn depth(&self) -> usize {
        self.scopes
            .functions
            .last()
            .map_or(0, |scope| scope.locals.len())
    }

    fn enter_loop(&mut self) {
        if let Some(scope) = self.scopes.current() {
            scope.loops += 1;
        }
    }

    fn leave_loop(&mut self) {
        if let Some(scope) = self.scopes.current() {
            scope.loops -= 1;
        }
    }

    /// Declare a local of the current function.
    pub(super) fn declare(&mut self, token: &TokenReference) {
        let name = name_of(token);
        if self.scopes.declare(&name).is_none() {
            let message = format!("more than {MAX_LOCALS} locals are visible here");
            self.refuse(
                Rule::CAPACITY,
                span(token),
                message,
                "use a table or a function",
            );
        }
    }

    /// End the scope of the locals from `depth` on; a captured one must not have been assigned.
    pub(super) fn close_scope(&mut self, depth: usize) {
        let ended: Vec<_> = match self.scopes.current() {
            Some(scope) => scope
                .locals
                .drain(depth.min(scope.locals.len())..)
                .collect(),
            None => return,
        };
        for local in ended {
            if let (Some(place), true) = (local.assigned, local.captured) {
                let message = format!(
                    "`{}` is assigned here, but a nested function uses its value",
                    local.name
                );
                let help = "give the nested function a local of its own that is never assigned, \
                            or keep the value in a table";
                self.refuse(Rule::CAPTURED_WRITE, place, message, help);
            }
        }
    }

    fn statement(&mut self, statement: &Syntax) -> Option<Stmt> {
        Some(match statement {
            Syntax::Assignment(assignment) => self.assignment(assignment),
            Syntax::Do(body) => Stmt::Do(self.block(body.block())),
            Syntax::FunctionCall(call) => Stmt::Call(self.call(call)),
            Syntax::GenericFor(each) => self.each(each)?,
            Syntax::If(branch) => {
                let mut arms = vec![(
                    self.expression(branch.condition()),
                    self.block(branch.block()),
                )];
                for arm in branch.else_if().into_iter().flatten() {
                    let condition = self.expression(arm.condition());
                    arms.push((condition, self.block(arm.block())));
                }
                let otherwise = branch
                    .else_block()
                    .map(|b| self.block(b))
                    .unwrap_or_default();
                Stmt::If { arms, otherwise }
            }
            Syntax::LocalAssignment(local) => self.local(local),
            Syntax::LocalFunction(function) => self.local_function(function),
            Syntax::NumericFor(counted) => self.counted(counted),
            Syntax::Repeat(repeat) => {
                let at = self.node(span(repeat.repeat_token()));
                let depth = self.depth();
                self.enter_loop();
                let body = self.block_in_scope(repeat.block());
                self.leave_loop();
                let condition = self.expression(repeat.until());
                self.close_scope(depth);
                Stmt::Repeat {
                    at,
                    body,
                    condition,
                }
            }
            Syntax::While(repeat) => Stmt::While {
                at: self.node(span(repeat.while_token())),
                condition: self.expression(repeat.condition()),
                body: self.loop_block(repeat.block()),
            },
            Syntax::FunctionDeclaration(function) => {
                let place = span(function.name());
                let help =
                    "write `local function` here; `fold` and `initial` stand at the top level";
                let message = "a function cannot be a global or a field";
                self.refuse(Rule::GLOBAL_WRITE, place, message, help);
                return None;
            }
            other => return self.refused_statement(other),
        })
    }

    fn refused_statement(&mut self, statement: &Syntax) -> Option<Stmt> {
        let help = "use `while`, `repeat`, `break` and `return`";
        match statement {
            Syntax::Goto(_) | Syntax::Label(_) => {
                self.refuse(Rule::GOTO, span(statement), "there is no `goto`", help);
            }
            _ => {
                let message = "this is not part of the language";
                self.refuse(Rule::SYNTAX, span(statement), message, "");
            }
        }
        None
    }

    fn local(&mut self, local: &LocalAssignment) -> Stmt {
        for attribute in local.attributes().flatten() {
            let help = "leave it out; a top-level `local` is constant by itself";
            self.refuse(
                Rule::ATTRIBUTE,
                span(attribute),
                "there are no attributes",
                help,
            );
        }
        let values = self.expressions(local.expressions().iter());
        let mut count = 0_u8;
        for name in local.names() {
            self.declare(name);
            count = count.saturating_add(1);
        }
        Stmt::Local { count, values }
    }

    fn local_function(&mut self, function: &LocalFunction) -> Stmt {
        let slot = u8::try_from(self.depth()).unwrap_or(u8::MAX);
        self.declare(function.name());
        let place = span(function.name());
        let function = Box::new(self.nested_function(function.body(), Some(slot), place));
        Stmt::Function { function }
    }

    fn assignment(&mut self, assignment: &Assignment) -> Stmt {
        let mut targets = Vec::new();
        for variable in assignment.variables() {
            if let Some(target) = self.target(variable) {
                targets.push(target);
            }
        }
        let values = self.expressions(assignment.expressions().iter());
        Stmt::Set { targets, values }
    }

    fn target(&mut self, variable: &Var) -> Option<Target> {
        match variable {
            Var::Name(token) => self.name_target(token),
            Var::Expression(var) => {
                let suffixes: Vec<_> = var.suffixes().collect();
                let (last, before) = suffixes.split_last()?;
                let Suffix::Index(index) = last else {
                    self.refuse(
                        Rule::SYNTAX,
                        span(variable),
                        "this cannot be assigned to",
                        "",
                    );
                    return None;
                };
                let object = self.chain(var.prefix(), before);
                let (place, key) = self.key(index);
                let at = self.node(place);
                Some(Target::Index { at, object, key })
            }
            _ => None,
        }
    }

    fn name_target(&mut self, token: &TokenReference) -> Option<Target> {
        let name = name_of(token);
        let place = span(token);
        match self.scopes.lookup(&name) {
            Some(Found::Local(slot)) => {
                let scope = self.scopes.current()?;
                let local = scope.locals.get_mut(usize::from(slot))?;
                local.assigned.get_or_insert(place);
                return Some(Target::Local(slot));
            }
            Some(Found::Captured(_) | Found::Itself) => {
                let message = format!("`{name}` belongs to the function around this one");
                let help = "return the new value, or keep it in a table";
                self.refuse(Rule::CAPTURED_WRITE, place, message, help);
            }
            None => self.refuse_global(&name, place),
        }
        None
    }

    fn refuse_global(&mut self, name: &str, place: Span) {
        if let Some(Top::Constant(_)) = self.top.get(name) {
            let message = format!("`{name}` is a constant of the top level");
            let help = "what changes from event to event belongs into `state`";
            return self.refuse(Rule::CONSTANT_WRITE, place, message, help);
        }
        let message = format!("`{name}` would be a global variable");
        let help = "write `local` before it, or keep the value in `state`";
        self.refuse(Rule::GLOBAL_WRITE, place, message, help);
    }

    fn counted(&mut self, counted: &NumericFor) -> Stmt {
        let at = self.node(span(counted.for_token()));
        let start = self.expression(counted.start());
        let stop = self.expression(counted.end());
        let step = counted.step().map(|step| self.expression(step));
        let depth = self.depth();
        self.declare(counted.index_variable());
        let body = self.loop_block(counted.block());
        self.close_scope(depth);
        Stmt::For {
            at,
            start,
            stop,
            step,
            body,
        }
    }

    fn each(&mut self, each: &GenericFor) -> Option<Stmt> {
        let place = span(each.expressions());
        let Some((walk, table)) = self.walk(each) else {
            let before = self.diagnostics.len();
            self.callee(each);
            if self.diagnostics.len() == before {
                let help = "write `for key, value in dpairs(t) do` or `ipairs(t)`";
                let message = "`for … in` goes through a table with `dpairs` or `ipairs`";
                self.refuse(Rule::GENERIC_FOR, place, message, help);
            }
            return None;
        };
        let at = self.node(place);
        let table = self.expression(table);
        let depth = self.depth();
        let mut names = each.names().iter();
        for _ in 0..2 {
            match names.next() {
                Some(name) => self.declare(name),
                // The slot exists, but no name in a source can be empty.
                None => {
                    self.scopes.declare("");
                }
            }
        }
        if let Some(extra) = names.next() {
            self.refuse(
                Rule::GENERIC_FOR,
                span(extra),
                "there are only a key and a value",
                "",
            );
        }
        let body = self.loop_block(each.block());
        self.close_scope(depth);
        Some(Stmt::Each {
            at,
            walk,
            table,
            body,
        })
    }

    /// Say what is wrong with the function that a generic `for` calls, if that is what is wrong.
    fn callee(&mut self, each: &GenericFor) {
        if let Some(Expression::FunctionCall(call)) = each.expressions().iter().next()
            && !matches!(call.prefix(), Prefix::Name(token) if is_walk(&name_of(token)))
        {
            self.call(call);
        }
    }

    /// The table that a generic `for` goes through, and how.
    fn walk<'e>(&mut self, each: &'e GenericFor) -> Option<(Walk, &'e Expression)> {
        let mut expressions = each.expressions().iter();
        let (Some(Expression::FunctionCall(call)), None) = (expressions.next(), expressions.next())
        else {
            return None;
        };
        let Prefix::Name(token) = call.prefix() else {
            return None;
        };
        let name = name_of(token);
        let walk = match name.as_str() {
            "dpairs" => Walk::Dpairs,
            "ipairs" => Walk::Ipairs,
            _ => return None,
        };
        if self.scopes.lookup(&name).is_some() || self.top.contains_key(&name) {
            return None;
        }
        let mut suffixes = call.suffixes();
        let (Some(Suffix::Call(Call::AnonymousCall(arguments))), None) =
            (suffixes.next(), suffixes.next())
        else {
            return None;
        };
        let FunctionArgs::Parentheses { arguments, .. } = &**arguments else {
            return None;
        };
        let mut arguments = arguments.iter();
        match (arguments.next(), arguments.next()) {
            (Some(table), None) => Some((walk, table)),
            _ => None,
        }
    }
}

fn is_walk(name: &str) -> bool {
    matches!(name, "dpairs" | "ipairs")
}
