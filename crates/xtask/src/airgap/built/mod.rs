//! What cargo built on this machine, as a folder that the air-gapped package set takes.
//!
//! `programs/<package>/{bin,lib}` has a program and the libraries that it is linked with, and
//! `tests/` the test programs of the workspace (see `nix/airgap/test.sh` for how they run).

mod suite;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{SOURCE, store};
use crate::checkout::{self, Profile};
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, say};
use crate::setup;

/// The packages whose programs the flake uses: the program has the package's name.
const PROGRAMS: [&str; 3] = ["git-gatos", "gatosd", "xtask"];

/// How much is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// The programs, as they are installed.
    Programs,
    /// The programs and the test programs of the whole workspace, all as the tests are built.
    ProgramsAndTests,
}

/// Builds with cargo and returns the store path of the folder.
pub(super) fn folder(cache: &Path, parts: Parts) -> Outcome<String> {
    setup::require(&["strip"])?;
    let dir = cache.join("new").join("built").join(SOURCE);
    if dir.exists() {
        fs::remove_dir_all(&dir).named(dir.display())?;
    }
    fs::create_dir_all(&dir).named(dir.display())?;
    let root = match parts {
        Parts::Programs => "cargo-built",
        Parts::ProgramsAndTests => "cargo-built-tests",
    };
    match parts {
        Parts::Programs => programs(&dir, Profile::Release)?,
        Parts::ProgramsAndTests => {
            programs(&dir, Profile::Tested)?;
            suite::collect(&dir)?;
        }
    }
    store::add(&dir, &cache.join(root))
}

fn programs(dir: &Path, profile: Profile) -> Outcome {
    say("building the programs with cargo");
    let folder = checkout::build(&PROGRAMS, profile)?;
    for program in PROGRAMS {
        let dir = dir.join("programs").join(program);
        add_program(
            &folder.join(program),
            &dir.join("bin").join(program),
            &dir.join("lib"),
        )?;
    }
    Ok(())
}

/// Copies a program without its debug information, and the libraries that it starts with here.
fn add_program(built: &Path, program: &Path, libraries: &Path) -> Outcome {
    for dir in [program.parent().unwrap_or(program), libraries] {
        fs::create_dir_all(dir).named(dir.display())?;
    }
    capture(Command::new("strip").arg("-o").arg(program).arg(built))?;
    for library in linked(built)? {
        let target = libraries.join(library.file_name().unwrap_or_default());
        if !target.exists() {
            fs::copy(&library, target).named(library.display())?;
        }
    }
    Ok(())
}

/// The dynamic linker and the libraries of a program, as `ldd` finds them.
fn linked(program: &Path) -> Outcome<Vec<PathBuf>> {
    let listed = capture(Command::new("ldd").arg(program))?;
    let mut found = Vec::new();
    for line in listed.lines() {
        // `libc.so.6 => /lib/…/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`, or the vdso.
        if line.contains("not found") {
            let what = format!("`{}` lacks a library: {}", program.display(), line.trim());
            return Err(Failure::new(what));
        }
        let path = line.split_whitespace().find(|word| word.starts_with('/'));
        found.extend(path.map(PathBuf::from));
    }
    Ok(found)
}
