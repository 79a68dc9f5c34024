//! Compiled rules under mutation: the law is in `laws/rgc_load.rs`.
#![no_main]

#[path = "../laws/rgc_load.rs"]
mod rgc_load;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rgc_load::check(data));
