//! The air-gapped package set, made on demand from Debian packages and kept in the Nix store.

mod built;
mod gatos;
mod store;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

pub(crate) use self::built::Parts;
use self::tree::Recipe;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{quiet, say};

/// The name that `path:` flakes have in the store; any other would be copied and hashed again.
pub(crate) const SOURCE: &str = "source";

/// The store path of what cargo built of the workspace; built once in the life of this process.
pub(crate) fn cargo_built(parts: Parts) -> Outcome<String> {
    static BUILT: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let known = &BUILT[usize::from(parts == Parts::ProgramsAndTests)];
    if let Some(path) = known.get() {
        return Ok(path.clone());
    }
    let cache = Cache::open()?;
    let path = built::folder(&cache.dir, parts)?;
    Ok(known.get_or_init(|| path).clone())
}

/// The reference of this checkout as a flake that needs no network.
pub(crate) fn gatos(built: Option<&str>) -> Outcome<String> {
    let cache = Cache::open()?;
    gatos::flake(&cache.dir, &package_set(&cache.dir)?, built)
}

/// The folder with our roots in the store, for one process at a time.
struct Cache {
    dir: PathBuf,
    _lock: fs::File,
}

impl Cache {
    fn open() -> Outcome<Self> {
        let dir = checkout::cache()?.join("airgap");
        fs::create_dir_all(&dir).named(dir.display())?;
        let lock = fs::File::create(dir.join("lock")).named(dir.display())?;
        lock.lock().named(dir.display())?;
        Ok(Self { dir, _lock: lock })
    }
}

/// The reference of the flake that takes nixpkgs' place, e.g. `path:/nix/store/…-source`.
fn package_set(cache: &Path) -> Outcome<String> {
    let sources = checkout::root().join("nix/airgap");
    let mut inputs = vec![("cargo-built".to_owned(), empty(cache)?)];
    for recipe in recipes(&sources.join("trees.json"))? {
        let path = tree::unpacked(cache, &recipe)?;
        inputs.push((recipe.tree, path));
    }
    let made = store::remembered(cache, "flake", &recipe(&sources, &inputs)?, || {
        say("assembling the air-gapped package set");
        assemble(cache, &sources, &inputs)
    })?;
    Ok(format!("path:{made}"))
}

/// The trees and what each is made of.
fn recipes(file: &Path) -> Outcome<Vec<Recipe>> {
    let text = fs::read_to_string(file).named(file.display())?;
    let json: Value = serde_json::from_str(&text).named(file.display())?;
    let recipes = json.as_object().into_iter().flatten();
    recipes
        .map(|(tree, value)| {
            Recipe::read(tree, value)
                .ok_or_else(|| Failure::new(format!("{}: tree `{tree}`", file.display())))
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
    let system = format!("{}-linux", std::env::consts::ARCH);
    text.push_str(&format!(
        "  outputs = inputs: import ./outputs.nix (inputs // {{ system = \"{system}\"; }});\n}}\n"
    ));
    text
}
