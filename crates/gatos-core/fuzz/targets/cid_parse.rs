//! Content ids under mutation: the law is in `laws/cid_parse.rs`.
#![no_main]

#[path = "../laws/cid_parse.rs"]
mod cid_parse;

libfuzzer_sys::fuzz_target!(|data: &[u8]| cid_parse::check(data));
