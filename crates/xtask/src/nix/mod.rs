//! `cargo xtask nix`: any Nix command, with what this machine needs.

mod reach;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

pub(crate) use reach::Reach;

use crate::airgap::{self, Parts};
use crate::checkout;
use crate::failure::{Named, Outcome};
use crate::process::run;
use crate::setup;

/// Run a Nix command with what this machine needs
///
/// Where nixpkgs cannot be reached, the air-gapped package set takes its place, and `gatos` names
/// this checkout in every case. `GATOS_NIXPKGS=airgap` or `=online` decides without a look at the
/// network. Building commands first let cargo build what the package set takes from it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Nix {
    /// The command and its arguments, e.g. `flake check`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<String>,
}

impl Nix {
    pub(crate) fn run(&self) -> Outcome {
        setup::ready()?;
        let here = std::env::current_dir().named("the current folder")?;
        run(&mut command(&here, &self.arguments)?)
    }
}

/// The Nix command with these arguments and what this machine needs, to be run in folder `here`.
pub(crate) fn command<A: AsRef<str>>(here: &Path, arguments: &[A]) -> Outcome<Command> {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let mut command = plain(here);
    let use_of_flakes = UseOfFlakes::of(&arguments, here);
    // Options of evaluation are known to subcommands only, and must stand before any `--`.
    let options = options(&arguments, use_of_flakes, here)?;
    let end = arguments
        .iter()
        .position(|word| *word == "--")
        .unwrap_or(arguments.len());
    command
        .args(&arguments[..end])
        .args(options)
        .args(&arguments[end..]);
    Ok(command)
}

/// Nix with nothing but what every command needs: for folders whose lock file says the rest.
pub(crate) fn plain(here: &Path) -> Command {
    let mut command = Command::new("nix");
    command
        .args(["--extra-experimental-features", "nix-command flakes"])
        .current_dir(here);
    command
}

/// What a command does with flakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UseOfFlakes {
    /// It takes none, e.g. `nix store …`.
    Nothing,
    /// It evaluates one.
    Evaluates,
    /// It builds what a flake offers.
    Builds,
    /// It writes the lock file of a study.
    Locks,
    /// It writes the lock file of this checkout, which names the real nixpkgs.
    LocksCheckout,
}

impl UseOfFlakes {
    fn of(arguments: &[&str], here: &Path) -> Self {
        let second = arguments.get(1).copied().unwrap_or_default();
        match arguments.first().copied().unwrap_or_default() {
            "build" | "bundle" | "develop" | "fmt" | "print-dev-env" | "run" | "shell" => {
                Self::Builds
            }
            "flake" if second == "check" => Self::Builds,
            "flake" if ["lock", "update"].contains(&second) => match enclosing_flake(here) {
                Some(root) if root == checkout::root() => Self::LocksCheckout,
                _ => Self::Locks,
            },
            "eval" | "flake" | "log" | "path-info" | "repl" | "search" | "why-depends" => {
                Self::Evaluates
            }
            "derivation" if second == "show" => Self::Evaluates,
            _ => Self::Nothing,
        }
    }
}

fn options(arguments: &[&str], use_of_flakes: UseOfFlakes, here: &Path) -> Outcome<Vec<String>> {
    if [UseOfFlakes::Nothing, UseOfFlakes::LocksCheckout].contains(&use_of_flakes) {
        return Ok(Vec::new());
    }
    let mut options = Vec::new();
    let mut option = |words: &[&str]| options.extend(words.iter().map(|word| (*word).to_owned()));
    if Reach::find()? == Reach::Online {
        option(&["--override-flake", "gatos", &checkout::flake()]);
        return Ok(options);
    }
    let built = match use_of_flakes {
        UseOfFlakes::Builds => Some(airgap::cargo_built(parts(arguments))?),
        _ => None,
    };
    let gatos = airgap::gatos(built.as_deref())?;
    // Nix would ask the network for the list of well-known flakes before it reads the override.
    option(&["--offline", "--option", "flake-registry", ""]);
    option(&["--override-flake", "gatos", &gatos]);
    match enclosing_flake(here) {
        // The same as overriding nixpkgs, without a screenful about it.
        Some(root) if root == checkout::root() => {
            let lock = gatos.trim_start_matches("path:").to_owned() + "/flake.lock";
            option(&["--reference-lock-file", &lock]);
        }
        // A study that was locked elsewhere.
        Some(root) if has_input_gatos(&root) => option(&["--override-input", "gatos", &gatos]),
        _ => {}
    }
    if use_of_flakes != UseOfFlakes::Locks {
        option(&["--no-write-lock-file"]);
    }
    Ok(options)
}

/// The tests take long to build, and only checks run them.
fn parts(arguments: &[&str]) -> Parts {
    if arguments
        .iter()
        .any(|word| *word == "check" || word.contains("checks."))
    {
        Parts::ProgramsAndTests
    } else {
        Parts::Programs
    }
}

fn has_input_gatos(root: &Path) -> bool {
    let text = fs::read_to_string(root.join("flake.nix")).unwrap_or_default();
    text.contains("gatos.url")
}

fn enclosing_flake(here: &Path) -> Option<PathBuf> {
    here.ancestors()
        .find(|dir| dir.join("flake.nix").exists())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::UseOfFlakes;
    use crate::checkout;

    fn check(arguments: &[&str], here: &Path, expected: UseOfFlakes) {
        assert_eq!(UseOfFlakes::of(arguments, here), expected, "{arguments:?}");
    }

    #[test]
    fn overrides_go_only_to_commands_that_know_them() {
        let elsewhere = Path::new("/");
        check(&["store", "gc"], elsewhere, UseOfFlakes::Nothing);
        check(&["--version"], elsewhere, UseOfFlakes::Nothing);
        check(&["build", ".#gatos"], elsewhere, UseOfFlakes::Builds);
        check(&["flake", "check"], elsewhere, UseOfFlakes::Builds);
        check(&["flake", "show"], elsewhere, UseOfFlakes::Evaluates);
        check(&["eval", ".#x"], elsewhere, UseOfFlakes::Evaluates);
    }

    #[test]
    fn the_lock_file_of_this_checkout_never_names_the_air_gapped_set() {
        check(&["flake", "lock"], Path::new("/"), UseOfFlakes::Locks);
        let checks = checkout::root().join("checks");
        check(&["flake", "lock"], &checks, UseOfFlakes::LocksCheckout);
    }
}
