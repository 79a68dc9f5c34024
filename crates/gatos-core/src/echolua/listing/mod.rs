//! A compiled program as a text for people: EchoLua again, with the names that ELC does not have
//! made up from places. `docs/spec/echolua.md#listing`.
#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "counts of locals and levels, which the program's own bounds bound"
    )
)]

mod expression;
mod literal;
mod statement;

use super::program::Program;
use super::unit::{Capture, Function};
use super::{ENGINE, LANGUAGE};

/// The program as EchoLua, which compiles to the same bytes.
pub(super) fn list(program: &Program) -> String {
    let unit = &program.unit;
    let mut out = format!(
        "-- fold root {}\n-- language {LANGUAGE}, engine {ENGINE}\n",
        program.root()
    );
    if !unit.constants.is_empty() {
        out.push('\n');
    }
    for (place, value) in unit.constants.iter().enumerate() {
        out.push_str(&format!("local c{place} = {}\n", literal::value(value)));
    }
    let names: Vec<String> = (0..unit.functions.len())
        .map(|place| match u16::try_from(place).ok() {
            place if place == Some(unit.fold) => "fold".to_owned(),
            place if place == unit.initial && place.is_some() => "initial".to_owned(),
            _ => format!("f{place}"),
        })
        .collect();
    for (name, function) in names.iter().zip(&unit.functions) {
        let mut writer = Writer {
            out,
            functions: &names,
            indent: 0,
            scopes: Vec::new(),
        };
        let is_entry = name == "fold" || name == "initial";
        writer
            .out
            .push_str(if is_entry { "\n" } else { "\nlocal " });
        writer.function(Some(name), function);
        out = writer.out;
        out.push('\n');
    }
    out
}

/// Writes functions.
struct Writer<'u> {
    out: String,
    /// Names of the functions of the top level
    functions: &'u [String],
    indent: usize,
    /// The functions around what is written, innermost last
    scopes: Vec<Scope>,
}

/// A function that is being written.
struct Scope {
    /// What its captures are called
    captures: Vec<String>,
    /// What it calls itself
    itself: String,
    /// Locals visible here
    visible: usize,
}

impl Writer<'_> {
    /// `function name(…) … end`, from the word on.
    fn function(&mut self, name: Option<&str>, function: &Function) {
        let captures = function.captures.iter().map(|from| self.captured(*from));
        let scope = Scope {
            captures: captures.collect(),
            itself: name.unwrap_or_default().to_owned(),
            visible: 0,
        };
        self.scopes.push(scope);
        let parameters: Vec<String> = (0..function.params).map(|_| self.declare()).collect();
        let (name, gap) = (
            name.unwrap_or_default(),
            if name.is_some() { " " } else { "" },
        );
        self.out
            .push_str(&format!("function{gap}{name}({})", parameters.join(", ")));
        if function.body.is_empty() {
            self.out.push_str(" end");
        } else {
            self.block(&function.body);
            self.line("end");
        }
        self.scopes.pop();
    }

    /// The name, in the innermost function, of what a function in it captures.
    fn captured(&self, from: Capture) -> String {
        match from {
            Capture::Local(slot) => self.local(slot.into()),
            Capture::Captured(index) => self.up(index),
            Capture::Itself => self.itself(),
        }
    }

    fn up(&self, index: u8) -> String {
        let captures = self.scopes.last().map(|scope| &scope.captures);
        let name = captures.and_then(|captures| captures.get(usize::from(index)));
        name.cloned().unwrap_or_default()
    }

    fn itself(&self) -> String {
        let scope = self.scopes.last();
        scope.map_or_else(String::new, |scope| scope.itself.clone())
    }

    /// A local of the innermost function; functions in functions have names of their own.
    fn local(&self, slot: usize) -> String {
        match self.scopes.len() {
            0 | 1 => format!("v{slot}"),
            depth => format!("v{slot}_{}", depth - 1),
        }
    }

    /// The next local.
    fn declare(&mut self) -> String {
        let slot = self.visible();
        let name = self.local(slot);
        self.set_visible(slot + 1);
        name
    }

    fn visible(&self) -> usize {
        self.scopes.last().map_or(0, |scope| scope.visible)
    }

    fn set_visible(&mut self, count: usize) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.visible = count;
        }
    }

    /// Begin a line.
    fn line(&mut self, text: &str) {
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(self.indent));
        self.out.push_str(text);
    }
}
