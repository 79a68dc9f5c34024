//! Programs of the common subset, by the fuzzer's choices: they come out as in plain Lua 5.4.

use super::choices::Random;
use super::stock_lua;

#[path = "../../tests/it/echolua/generator.rs"]
mod generator;

pub(crate) fn check(data: &[u8]) {
    stock_lua::compare(&generator::program(&mut Random::of(data)));
}
