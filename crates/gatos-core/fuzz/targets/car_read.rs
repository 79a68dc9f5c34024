//! Archives under mutation: the law is in `laws/car_read.rs`.
#![no_main]

#[path = "../laws/car_read.rs"]
mod car_read;

libfuzzer_sys::fuzz_target!(|data: &[u8]| car_read::check(data));
