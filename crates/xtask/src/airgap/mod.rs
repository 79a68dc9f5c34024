//! The air-gapped package set, made on demand from Debian packages and kept in the Nix store.

mod built;
mod gatos;
mod store;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{quiet, say};

/// The name that `path:` flakes have in the store; any other would be copied and hashed again.
pub(crate) const SOURCE: &str = "source";

/// The reference of the flake that takes nixpkgs' place, e.g. `path:/nix/store/…-source`.
pub(crate) fn flake() -> Outcome<String> {
    let cache = cache()?;
    let sources = checkout::root().join("nix/airgap");
    let mut inputs = vec![("cargo-built".to_owned(), empty(&cache)?)];
    for (name, packages) in recipes(&sources.join("trees.json"))? {
        inputs.push((name.clone(), tree::unpacked(&cache, &name, &packages)?));
    }
    let made = store::remembered(&cache, "flake", &recipe(&sources, &inputs)?, || {
        say("assembling the air-gapped package set");
        assemble(&cache, &sources, &inputs)
    })?;
    Ok(format!("path:{made}"))
}

/// The store path of what cargo built, if there is something to build.
pub(crate) fn cargo_built(_arguments: &[&str]) -> Outcome<Option<String>> {
    built::folder(&cache()?)
}

/// The reference of this checkout as a flake that needs no network.
pub(crate) fn gatos(built: Option<&str>) -> Outcome<String> {
    gatos::flake(&cache()?, &flake()?, built)
}

fn cache() -> Outcome<PathBuf> {
    let cache = checkout::cache()?.join("airgap");
    fs::create_dir_all(&cache).named(cache.display())?;
    Ok(cache)
}

/// Tree → the Debian packages it is made of.
fn recipes(file: &Path) -> Outcome<Vec<(String, Vec<String>)>> {
    let text = fs::read_to_string(file).named(file.display())?;
    let json: Value = serde_json::from_str(&text).named(file.display())?;
    let wrong = || Failure::new(format!("{}: not lists of package names", file.display()));
    let trees = json.as_object().ok_or_else(wrong)?;
    trees
        .iter()
        .map(|(name, packages)| {
            let packages = packages.as_array().ok_or_else(wrong)?;
            let names = packages.iter().map(|name| name.as_str().map(str::to_owned));
            Ok((
                name.clone(),
                names.collect::<Option<_>>().ok_or_else(wrong)?,
            ))
        })
        .collect()
}

fn empty(cache: &Path) -> Outcome<String> {
    store::remembered(cache, "empty", "", || {
        let dir = cache.join("new").join(SOURCE);
        fs::create_dir_all(&dir).named(dir.display())?;
        Ok(dir)
    })
}

/// Everything that the flake is made of, as one text.
fn recipe(sources: &Path, inputs: &[(String, String)]) -> Outcome<String> {
    let mut text = flake_text(inputs);
    for file in files(sources)? {
        text.push_str(&fs::read_to_string(&file).named(file.display())?);
    }
    Ok(text)
}

fn assemble(cache: &Path, sources: &Path, inputs: &[(String, String)]) -> Outcome<PathBuf> {
    let dir = cache.join("new").join(SOURCE);
    fs::create_dir_all(&dir).named(dir.display())?;
    for file in files(sources)? {
        let name = file.file_name().unwrap_or_default();
        fs::copy(&file, dir.join(name)).named(file.display())?;
    }
    fs::write(dir.join("flake.nix"), flake_text(inputs)).named(dir.display())?;
    // Locked now, so that an evaluation need not hash the trees again.
    lock(&dir, &[])?;
    Ok(dir)
}

/// Writes the lock file of a flake that is being made.
fn lock(dir: &Path, overrides: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new("nix");
    command.args([
        "--extra-experimental-features",
        "nix-command flakes",
        "--offline",
    ]);
    command
        .args(["flake", "lock"])
        .arg(format!("path:{}", dir.display()));
    for (input, reference) in overrides {
        command.args(["--override-input", input, reference]);
    }
    quiet(&mut command)
}

fn files(sources: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(sources).named(sources.display())?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .named(sources.display())?;
    files.sort();
    Ok(files)
}

fn flake_text(inputs: &[(String, String)]) -> String {
    let mut text =
        "{\n  description = \"The air-gapped package set on this machine\";\n".to_owned();
    for (name, path) in inputs {
        text.push_str(&format!(
            "  inputs.{name} = {{ url = \"path:{path}\"; flake = false; }};\n"
        ));
    }
    text.push_str("  outputs = inputs: import ./outputs.nix inputs;\n}\n");
    text
}
