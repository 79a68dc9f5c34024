//! Strict DAG-CBOR under mutation: the law is in `laws/canon_decode.rs`.
#![no_main]

#[path = "../laws/canon_decode.rs"]
mod canon_decode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| canon_decode::check(data));
