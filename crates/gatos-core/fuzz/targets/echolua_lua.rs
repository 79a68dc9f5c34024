//! Made-up programs under mutation, in EchoLua and in plain Lua: the law is in `laws/echolua_lua.rs`.
#![no_main]

#[path = "../laws/choices.rs"]
mod choices;
#[path = "../laws/echolua_lua.rs"]
mod echolua_lua;
#[path = "../laws/stock_lua.rs"]
mod stock_lua;

libfuzzer_sys::fuzz_target!(|data: &[u8]| echolua_lua::check(data));
