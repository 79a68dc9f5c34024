//! What cargo built on this machine, as a folder that the air-gapped package set takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::SOURCE;
use super::store;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, run};
use crate::setup;

/// The programs of the workspace that `packages.gatos` is made of.
const PROGRAMS: [&str; 1] = ["git-gatos"];

/// Builds the programs with cargo and returns the store path of a folder with `programs/{bin,lib}`.
pub(super) fn folder(cache: &Path) -> Outcome<Option<String>> {
    if !checkout::root().join("crates/git-gatos").exists() {
        return Ok(None);
    }
    setup::require(&["strip"])?;
    run(Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--package",
            "git-gatos",
        ])
        .current_dir(checkout::root()))?;
    let dir = cache.join("new").join("built").join(SOURCE);
    if dir.exists() {
        fs::remove_dir_all(&dir).named(dir.display())?;
    }
    for part in ["bin", "lib"] {
        let part = dir.join("programs").join(part);
        fs::create_dir_all(&part).named(part.display())?;
    }
    for program in PROGRAMS {
        let built = checkout::target().join("release").join(program);
        stripped(&built, &dir.join("programs/bin").join(program))?;
        for library in libraries(&built)? {
            let name = library.file_name().unwrap_or_default();
            fs::copy(&library, dir.join("programs/lib").join(name)).named(library.display())?;
        }
    }
    store::add(&dir, &cache.join("cargo-built")).map(Some)
}

fn stripped(from: &Path, to: &Path) -> Outcome {
    run_silently(Command::new("strip").arg("-o").arg(to).arg(from))
}

fn run_silently(command: &mut Command) -> Outcome {
    capture(command).map(drop)
}

/// The dynamic linker and the libraries that the program starts with on this machine.
fn libraries(program: &Path) -> Outcome<Vec<PathBuf>> {
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
