//! Sources of rules under mutation: the law is in `laws/rgs_parse.rs`.
#![no_main]

#[path = "../laws/rgs_parse.rs"]
mod rgs_parse;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rgs_parse::check(data));
