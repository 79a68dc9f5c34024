//! Generated rules, asked about generated requests: the law is in `laws/rgc_exec.rs`.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/it/generated.rs"]
mod generated;
#[allow(dead_code)]
#[path = "../../tests/it/lab.rs"]
mod lab;
#[path = "../laws/rgc_exec.rs"]
mod rgc_exec;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rgc_exec::check(data));
