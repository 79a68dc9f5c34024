//! Programs of the common subset, by the fuzzer's choices: they come out as in plain Lua 5.4.

use super::choices::Random;
use super::stock_lua;

#[expect(
    dead_code,
    reason = "plain Lua has no `list()`, of which the other programs make use"
)]
#[path = "../../tests/it/echolua/generator.rs"]
mod generator;

pub(crate) fn check(data: &[u8]) {
    stock_lua::compare(&generator::program(&mut Random::of(data)));
}
