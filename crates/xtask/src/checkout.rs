//! Where things are: the checkout, cargo's products, and our cache outside the checkout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process::{capture, run};

/// The root of the checkout that this tool was built from.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .map_or_else(|| manifest.to_owned(), Path::to_owned)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// `$XDG_CACHE_HOME/gatos`, for what is costly to make and may be deleted at any time.
pub(crate) fn cache() -> Outcome<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))
        .ok_or_else(|| Failure::new("neither `XDG_CACHE_HOME` nor `HOME` is set"))?;
    Ok(base.join("gatos"))
}

/// This checkout as a flake: what Git knows of it, or all of it where there is no Git.
pub(crate) fn flake() -> String {
    let root = root();
    let scheme = if root.join(".git").exists() {
        "git+file://"
    } else {
        "path:"
    };
    format!("{scheme}{}", root.display())
}

/// The files that Git knows, relative to the root.
pub(crate) fn files() -> Outcome<Vec<PathBuf>> {
    let root = root();
    let listed = capture(
        Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(["ls-files", "-z"]),
    )?;
    let files = listed
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from);
    Ok(files
        .filter(|file| fs::symlink_metadata(root.join(file)).is_ok())
        .collect())
}

/// Cargo on this workspace.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(subcommand).current_dir(root());
    cargo
}

/// How cargo builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickly.
    Development,
    /// Quickly, in one go with the tests, for which their dependencies have more features.
    Tested,
    /// As it is measured and installed.
    Release,
}

/// Builds programs of this workspace and returns the folder that they are in.
pub(crate) fn build(programs: &[&str], profile: Profile) -> Outcome<PathBuf> {
    let mut cargo = cargo("build");
    // With `--package` cargo would choose other features for what these need, and compile it again.
    cargo.args(["--quiet", "--locked", "--workspace"]);
    match profile {
        Profile::Tested => {
            cargo.args(["--bins", "--tests"]);
        }
        Profile::Development | Profile::Release => {
            cargo.args(programs.iter().flat_map(|program| ["--bin", program]));
        }
    }
    let folder = match profile {
        Profile::Development | Profile::Tested => "debug",
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    run(&mut cargo)?;
    Ok(target().join(folder))
}
