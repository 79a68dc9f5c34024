//! What Git writes to a hook, under mutation: the law is in `laws/hook_stdin.rs`.
#![no_main]

#[path = "../laws/hook_stdin.rs"]
mod hook_stdin;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hook_stdin::check(data));
