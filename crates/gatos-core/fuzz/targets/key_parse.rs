//! Keys under mutation: the law is in `laws/key_parse.rs`.
#![no_main]

#[path = "../laws/key_parse.rs"]
mod key_parse;

libfuzzer_sys::fuzz_target!(|data: &[u8]| key_parse::check(data));
