//! What this tool adds to the Nix store, remembered by its recipe and kept from the collector.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, quiet, succeeds};

/// The store path made from `recipe` earlier, or made now by adding the folder that `make` returns.
///
/// The folder is deleted afterwards.
pub(super) fn remembered(
    cache: &Path,
    name: &str,
    recipe: &str,
    make: impl FnOnce() -> Outcome<PathBuf>,
) -> Outcome<String> {
    let recipe_file = cache.join(format!("{name}.recipe"));
    let root = cache.join(name);
    if fs::read_to_string(&recipe_file).is_ok_and(|known| known == recipe)
        && let Ok(path) = fs::read_link(&root)
        && succeeds(Command::new("nix-store").arg("--check-validity").arg(&path))
    {
        return text(&path);
    }
    let folder = make()?;
    let path = add(&folder, &root)?;
    fs::remove_dir_all(&folder).named(folder.display())?;
    fs::write(&recipe_file, recipe).named(recipe_file.display())?;
    Ok(path)
}

/// Adds a folder to the store under its own name, with a root that keeps it there.
pub(crate) fn add(folder: &Path, root: &Path) -> Outcome<String> {
    let path = capture(Command::new("nix-store").arg("--add").arg(folder))?;
    quiet(
        Command::new("nix-store")
            .args(["--realise", &path, "--indirect", "--add-root"])
            .arg(root),
    )?;
    Ok(path)
}

fn text(path: &Path) -> Outcome<String> {
    let path = path.to_str().map(str::to_owned);
    path.ok_or_else(|| Failure::new("a store path is not UTF-8"))
}
