//! EchoLua through its public interface.

mod checkpoints;
mod coercions;
mod compatibility;
mod definitions;
mod differential;
mod elc;
mod encoded;
mod explain;
mod generator;
mod hazards;
mod listing;
mod metered;
mod normal_form;
mod plain_lua;
mod processes;
mod vectors;

use gatos_core::echolua::{Compiled, Fold, FoldError, Limits, Program};
use gatos_core::json;
use gatos_core::value::Value;

/// Everything of the library that a program can name as a value.
const LIBRARY: &str = "
    type tostring tonumber error assert list null
    string.len string.sub string.rep string.upper string.lower string.find string.format
    string.split string.byte string.reverse string.startswith string.endswith
    table.insert table.remove table.concat table.sort table.unpack
    math.abs math.min math.max math.floor math.ceil math.tointeger
    math.maxinteger math.mininteger decimal.round decimal.sqrt";

/// The compiled program of a source that is right.
fn compile(source: &str) -> Compiled {
    Program::compile(source, "test.lua").unwrap_or_else(|error| panic!("{error}\n{source}"))
}

fn parse(text: &str) -> Value {
    json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// State and fuel of each event after folding all of `events`.
fn fold(
    program: &Program,
    limits: Limits,
    start: Option<&Value>,
    events: &[Value],
) -> Result<(Value, Vec<u64>), FoldError> {
    let mut fold = Fold::start(program, limits, start)?;
    let mut fuel = Vec::new();
    for event in events {
        fuel.push(fold.step(event)?.fuel);
    }
    Ok((fold.state()?, fuel))
}

/// A small generator, so that tests need no randomness.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

/// How many cases to try: many where a soak is asked for.
fn cases(few: u64, many: u64) -> u64 {
    if std::env::var_os("GATOS_SOAK").is_some() {
        many
    } else {
        few
    }
}
