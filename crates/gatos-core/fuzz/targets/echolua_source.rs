//! Sources under mutation: the law is in `laws/echolua_source.rs`.
#![no_main]

#[path = "../laws/echolua_source.rs"]
mod echolua_source;

libfuzzer_sys::fuzz_target!(|data: &[u8]| echolua_source::check(data));
