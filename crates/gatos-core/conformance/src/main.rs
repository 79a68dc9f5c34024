//! `gatos-conformance VECTORS`: what this machine makes of every vector, one line a file with a digest
//! of all results, so that two machines are compared by comparing what they print.

mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: gatos-conformance VECTORS");
        return ExitCode::from(2);
    };
    let report = suite::run(&folder);
    for line in report.lines() {
        println!("{line}");
    }
    for wrong in &report.wrong {
        eprintln!("{wrong}");
    }
    ExitCode::from(u8::from(!report.wrong.is_empty()))
}
