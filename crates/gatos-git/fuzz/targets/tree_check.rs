//! Trees under mutation: the law is in `laws/tree_check.rs`.
#![no_main]

#[path = "../laws/tree_check.rs"]
mod tree_check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tree_check::check(data));
