//! `cargo xtask cross`: what the vectors give on other processors, compared byte for byte.
//!
//! The program in `crates/gatos-core/conformance` is built for each machine in debug and release, and
//! run, under emulation where the processor is another. The toolchain for the others is Debian's, in
//! the cache.

mod toolchain;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use self::toolchain::Toolchain;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, run, say};
use crate::setup;

/// The program's workspace, from the root.
const PROGRAM: &str = "crates/gatos-core/conformance";
/// The vectors, from the root.
const VECTORS: &str = "crates/gatos-core/vectors";

/// Compare what the vectors give on x86_64, aarch64 and big-endian s390x
///
/// Needs root on Debian, and 3 GB in the cache; the first run takes some minutes.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Cross {}

/// A processor that the vectors are read on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    /// This one
    Here,
    /// Another, emulated; the name that Rust and QEMU give it
    Emulated(&'static str),
}

const MACHINES: [Machine; 3] = [
    Machine::Here,
    Machine::Emulated("aarch64"),
    Machine::Emulated("s390x"),
];

impl Cross {
    pub(crate) fn run(self) -> Outcome {
        setup::require(&["mmdebstrap", "qemu-aarch64-static", "qemu-s390x-static"])?;
        let toolchain = Toolchain::ready(&checkout::root().join(PROGRAM))?;
        let mut printed = BTreeMap::new();
        for machine in MACHINES {
            for profile in ["debug", "release"] {
                let program = build(machine, profile, &toolchain)?;
                let name = format!("{} {profile}", machine.name());
                say(&format!("{name}: reading the vectors"));
                printed.insert(name, read_vectors(machine, &program, &toolchain)?);
            }
        }
        let differences = differences(&printed);
        for (name, lines) in &printed {
            println!("{name:<16} {}", lines.lines().last().unwrap_or_default());
        }
        if differences.is_empty() {
            let lines = printed
                .values()
                .next()
                .map_or(0, |text| text.lines().count());
            println!("{} runs, {lines} lines each: the same bytes", printed.len());
            return Ok(());
        }
        differences.iter().for_each(|line| eprintln!("{line}"));
        Err(Failure::new("machines do not agree about the vectors"))
    }
}

impl Machine {
    fn name(self) -> &'static str {
        match self {
            Self::Here => std::env::consts::ARCH,
            Self::Emulated(name) => name,
        }
    }
}

fn build(machine: Machine, profile: &str, toolchain: &Toolchain) -> Outcome<PathBuf> {
    let arguments: &[&str] = match profile {
        "release" => &["--release"],
        _ => &[],
    };
    let products = match machine {
        Machine::Here => {
            let products = checkout::target().join("cross");
            let mut cargo = checkout::cargo("build");
            cargo
                .args(["--quiet", "--locked", "--manifest-path"])
                .arg(format!("{PROGRAM}/Cargo.toml"))
                .args(arguments)
                .env("CARGO_TARGET_DIR", &products);
            run(&mut cargo)?;
            products
        }
        Machine::Emulated(name) => toolchain.build(name, PROGRAM, arguments)?,
    };
    Ok(products.join(profile).join("gatos-conformance"))
}

fn read_vectors(machine: Machine, program: &Path, toolchain: &Toolchain) -> Outcome<String> {
    let mut command = match machine {
        Machine::Here => Command::new(program),
        Machine::Emulated(name) => {
            let mut emulator = Command::new(format!("qemu-{name}-static"));
            emulator.arg("-L").arg(toolchain.root()).arg(program);
            emulator
        }
    };
    let printed = capture(command.arg(checkout::root().join(VECTORS)))?;
    let log = checkout::cache()?
        .join("cross")
        .join(format!("{}.log", machine.name()));
    fs::write(&log, &printed).named(log.display())?;
    Ok(printed)
}

/// The lines that not every run printed, and which runs did.
fn differences(printed: &BTreeMap<String, String>) -> Vec<String> {
    let mut runs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, text) in printed {
        for line in text.lines() {
            runs.entry(line).or_default().push(name);
        }
    }
    runs.into_iter()
        .filter(|(_, names)| names.len() < printed.len())
        .map(|(line, names)| format!("only {}: {line}", names.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::differences;

    #[test]
    fn a_line_that_one_machine_prints_otherwise_is_a_difference() {
        let mut printed = BTreeMap::from([
            ("a debug".to_owned(), "x 1\nall 2\n".to_owned()),
            ("b debug".to_owned(), "x 1\nall 2\n".to_owned()),
        ]);
        assert!(differences(&printed).is_empty());
        printed.insert("c debug".to_owned(), "x 1\nall 3\n".to_owned());
        assert_eq!(
            differences(&printed),
            ["only a debug, b debug: all 2", "only c debug: all 3"]
        );
    }
}
