//! Made-up programs under mutation: the law is in `laws/echolua_ast.rs`.
#![no_main]

#[path = "../laws/choices.rs"]
mod choices;
#[path = "../laws/echolua_ast.rs"]
mod echolua_ast;
#[path = "../laws/echolua_source.rs"]
mod echolua_source;

libfuzzer_sys::fuzz_target!(|data: &[u8]| echolua_ast::check(data));
