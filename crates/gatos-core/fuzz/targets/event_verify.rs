//! Envelopes under mutation: the law is in `laws/event_verify.rs`.
#![no_main]

#[path = "../laws/event_verify.rs"]
mod event_verify;

libfuzzer_sys::fuzz_target!(|data: &[u8]| event_verify::check(data));
