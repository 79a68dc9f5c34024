//! This checkout as a flake whose lock file names the air-gapped package set.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{SOURCE, lock, store};
use crate::checkout;
use crate::failure::{Named, Outcome};

/// The reference of the flake, e.g. `path:/nix/store/…-source`.
///
/// A study that names it as its input `gatos` gets the air-gapped set with it, without overrides.
pub(super) fn flake(cache: &Path, nixpkgs: &str, built: Option<&str>) -> Outcome<String> {
    let files = checkout::files()?;
    let name = if built.is_some() {
        "gatos-with-programs"
    } else {
        "gatos"
    };
    let recipe = recipe(&files, nixpkgs, built)?;
    let path = store::remembered(cache, name, &recipe, || {
        let dir = cache.join("new").join(name).join(SOURCE);
        if dir.exists() {
            fs::remove_dir_all(&dir).named(dir.display())?;
        }
        for file in &files {
            let target = dir.join(file);
            let parent = target.parent().unwrap_or(&dir);
            fs::create_dir_all(parent).named(parent.display())?;
            copy(&checkout::root().join(file), &target).named(file.display())?;
        }
        let built = built.map(|path| format!("path:{path}"));
        let mut overrides = vec![("nixpkgs", nixpkgs)];
        overrides.extend(built.as_deref().map(|path| ("nixpkgs/cargo-built", path)));
        lock(&dir, &overrides)?;
        Ok(dir)
    })?;
    Ok(format!("path:{path}"))
}

/// Copies a file, or a link as a link.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::read_link(from) {
        Ok(target) => symlink(target, to),
        Err(_) => fs::copy(from, to).map(drop),
    }
}

/// Changes whenever a file changed, as far as size and time of change tell.
fn recipe(files: &[PathBuf], nixpkgs: &str, built: Option<&str>) -> Outcome<String> {
    let mut text = format!("{nixpkgs}\n{built:?}\n");
    for file in files {
        let data = fs::symlink_metadata(checkout::root().join(file)).named(file.display())?;
        let changed = data.modified().named(file.display())?;
        let nanos = changed
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        text.push_str(&format!("{} {} {nanos}\n", file.display(), data.len()));
    }
    Ok(text)
}
