//! The top level: constants, functions, `initial` and `fold`, and nothing else.

use full_moon::ast::{Block, Expression, FunctionDeclaration, LocalAssignment, Stmt as Syntax};
use full_moon::tokenizer::TokenReference;

use super::{Checker, Top, name_of, span};
use crate::echolua::diagnostic::{Rule, Span};
use crate::echolua::machine::constant_value;
use crate::echolua::unit::{Expr, Function, Item, Unit};

/// Most constants, and most functions, of a program.
pub(in crate::echolua) const MAX_TOP_LEVEL: usize = 4096;

/// The two globals that a program defines, with the number of their parameters.
const GLOBALS: [(&str, u8); 2] = [("fold", 2), ("initial", 0)];

impl Checker<'_> {
    pub(super) fn unit(&mut self, block: &Block) -> Option<Unit> {
        let mut unit = Unit {
            constants: Vec::new(),
            functions: Vec::new(),
            fold: 0,
            initial: None,
        };
        self.announce_globals(block);
        for statement in block.stmts() {
            match statement {
                Syntax::LocalAssignment(local) => self.top_local(local, &mut unit),
                Syntax::LocalFunction(function) => {
                    self.define(function.name(), Top::Function(next(&unit.functions)));
                    let place = span(function.name());
                    let function = self.top_function(function.body(), place);
                    self.add_function(&mut unit, function, place);
                }
                Syntax::FunctionDeclaration(function) => self.global_function(function, &mut unit),
                other => self.refuse_top_level(span(other)),
            }
        }
        if let Some(last) = block.last_stmt() {
            self.refuse_top_level(span(last));
        }
        unit.initial = self.global_index("initial");
        let Some(fold) = self.global_index("fold") else {
            let help = match self.top.get("fold") {
                Some(_) => "write `function fold`, without `local`",
                None => "write `function fold(state, event) … return state end`",
            };
            let message = "the program has no global function `fold`";
            self.refuse(Rule::NO_FOLD, Span::default(), message, help);
            return None;
        };
        unit.fold = fold;
        Some(unit)
    }

    fn global_index(&self, name: &str) -> Option<u16> {
        self.globals.get(name).copied()
    }

    fn refuse_top_level(&mut self, place: Span) {
        let help = "put it into `fold` or `initial`";
        let message = "only constants (`local NAME = …`) and functions stand at the top level";
        self.refuse(Rule::TOP_LEVEL, place, message, help);
    }

    /// Make `fold` and `initial` known before any body is read: globals are visible everywhere.
    fn announce_globals(&mut self, block: &Block) {
        let mut index = 0_u16;
        for statement in block.stmts() {
            match statement {
                Syntax::LocalFunction(_) => index += 1,
                Syntax::LocalAssignment(local) => {
                    let functions = local.expressions().iter();
                    let count = functions
                        .filter(|e| matches!(e, Expression::Function(_)))
                        .count();
                    index += u16::try_from(count).unwrap_or(0);
                }
                Syntax::FunctionDeclaration(function) => {
                    if let Some(name) = global_name(function)
                        && !self.globals.contains_key(&name)
                    {
                        self.top.insert(name.clone(), Top::Function(index));
                        self.globals.insert(name, index);
                    }
                    index += 1;
                }
                _ => {}
            }
        }
    }

    fn global_function(&mut self, declaration: &FunctionDeclaration, unit: &mut Unit) {
        let place = span(declaration.name());
        let name = global_name(declaration);
        let parameters = declaration.body().parameters().len();
        match name
            .as_ref()
            .and_then(|n| GLOBALS.iter().find(|(global, _)| global == n))
        {
            None => {
                let help = "write `local function`";
                let message = "the only global functions are `fold` and `initial`";
                self.refuse(Rule::GLOBAL_WRITE, place, message, help);
            }
            Some((name, count)) if parameters != usize::from(*count) => {
                let help = "write `function fold(state, event)` and `function initial()`";
                let message = format!("`{name}` has {count} parameters, not {parameters}");
                self.refuse(Rule::PARAMETERS, place, message, help);
            }
            Some((name, _)) if self.global_index(name) != Some(next(&unit.functions)) => {
                let message = format!("`{name}` is defined twice");
                self.refuse(Rule::DUPLICATE, place, message, "");
            }
            Some(_) => {}
        }
        let function = self.top_function(declaration.body(), place);
        self.add_function(unit, function, place);
    }

    fn add_function(&mut self, unit: &mut Unit, function: Function, place: Span) {
        if unit.functions.len() == MAX_TOP_LEVEL {
            let message = format!("more than {MAX_TOP_LEVEL} functions");
            self.refuse(Rule::CAPACITY, place, message, "");
        }
        unit.functions.push(function);
    }

    /// Give a name of the top level its meaning.
    fn define(&mut self, token: &TokenReference, meaning: Top) {
        let name = name_of(token);
        if self.top.insert(name.clone(), meaning).is_some() {
            let message = format!("`{name}` is defined twice");
            self.refuse(
                Rule::DUPLICATE,
                span(token),
                message,
                "give it another name",
            );
        }
    }

    fn top_local(&mut self, local: &LocalAssignment, unit: &mut Unit) {
        for attribute in local.attributes().flatten() {
            let help = "leave it out: a top-level `local` is constant by itself";
            self.refuse(
                Rule::ATTRIBUTE,
                span(attribute),
                "there are no attributes",
                help,
            );
        }
        if local.names().len() != local.expressions().len() {
            let message = "each constant needs one value";
            self.refuse(
                Rule::CONSTANT_EXPRESSION,
                span(local),
                message,
                "write `local NAME = 1`",
            );
            return;
        }
        let mut meanings = Vec::new();
        for (name, expression) in local.names().iter().zip(local.expressions()) {
            if let Expression::Function(function) = expression {
                meanings.push((name, Top::Function(next(&unit.functions))));
                let function = self.top_function(function.body(), span(name));
                self.add_function(unit, function, span(name));
            } else if let Some(meaning) = self.constant(expression, unit) {
                meanings.push((name, meaning));
            }
        }
        for (name, meaning) in meanings {
            self.define(name, meaning);
        }
    }

    fn constant(&mut self, expression: &Expression, unit: &mut Unit) -> Option<Top> {
        let before = self.diagnostics.len();
        let place = span(expression);
        let resolved = self.expression(expression);
        if self.diagnostics.len() > before {
            // Known by name nevertheless, so that its uses are no errors of their own.
            return Some(Top::Constant(0));
        }
        match resolved {
            Expr::Library(function) => return Some(Top::Library(function)),
            Expr::Function(index) => return Some(Top::Function(index)),
            Expr::Constant(index) => return Some(Top::Constant(index)),
            _ => {}
        }
        if !is_constant(&resolved) {
            let help = "compute it in `fold`, or write a function";
            let message = "a constant is made of literals, tables, operators and library functions";
            self.refuse(Rule::CONSTANT_EXPRESSION, place, message, help);
            return Some(Top::Constant(0));
        }
        if unit.constants.len() == MAX_TOP_LEVEL {
            let message = format!("more than {MAX_TOP_LEVEL} constants");
            self.refuse(Rule::CAPACITY, place, message, "put them into a table");
            return None;
        }
        match constant_value(resolved, &unit.constants) {
            Ok(value) => {
                unit.constants.push(value);
                Some(Top::Constant(next(&unit.constants).saturating_sub(1)))
            }
            Err(error) => {
                let message = format!("the constant has no value: {error}");
                self.refuse(Rule::CONSTANT_EXPRESSION, place, message, "");
                Some(Top::Constant(0))
            }
        }
    }
}

/// The index of the next of `items`.
fn next<T>(items: &[T]) -> u16 {
    u16::try_from(items.len()).unwrap_or(u16::MAX)
}

/// The name of a function that is declared as a global, and not as a field or method.
fn global_name(function: &FunctionDeclaration) -> Option<String> {
    let name = function.name();
    let plain = name.names().len() == 1 && name.method_name().is_none();
    plain
        .then(|| name.names().iter().next().map(name_of))
        .flatten()
}

/// Whether the value of an expression can be known before any event.
fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(_) | Expr::Constant(_) | Expr::Library(_) | Expr::Nil => true,
        Expr::Unary { operand, .. } => is_constant(operand),
        Expr::Binary { left, right, .. } => is_constant(left) && is_constant(right),
        Expr::Choice { parts, .. } | Expr::Concat { parts, .. } => parts.iter().all(is_constant),
        Expr::Index { object, key, .. } => is_constant(object) && is_constant(key),
        Expr::Call {
            callee, arguments, ..
        } => matches!(**callee, Expr::Library(_)) && arguments.iter().all(is_constant),
        Expr::First(inner) => is_constant(inner),
        Expr::Table { items, .. } => items.iter().all(|item| match item {
            Item::Next(value) => is_constant(value),
            Item::Keyed(key, value) => is_constant(key) && is_constant(value),
        }),
        Expr::Local(_)
        | Expr::Captured(_)
        | Expr::Function(_)
        | Expr::Itself
        | Expr::Closure(_) => false,
    }
}
