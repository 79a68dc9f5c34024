//! The fuzz targets that there are: what the manifests of `crates/*/fuzz` say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::checkout;
use crate::failure::{Failure, Named, Outcome};

/// A program that takes bytes and ends if a law is broken.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    /// The workspace that it is of
    pub(super) folder: PathBuf,
    /// Folders with inputs to begin from
    pub(super) seeds: Vec<PathBuf>,
    /// The longest input that is tried, in bytes
    pub(super) max_len: u64,
}

/// Every target, by crate and then by name.
pub(super) fn all() -> Outcome<Vec<Target>> {
    let crates = checkout::root().join("crates");
    let mut folders = Vec::new();
    for entry in fs::read_dir(&crates).named(crates.display())? {
        let folder = entry.named(crates.display())?.path().join("fuzz");
        if folder.join("Cargo.toml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    let mut targets = Vec::new();
    for folder in folders {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).named(manifest.display())?;
        targets.extend(read(&folder, &text)?);
    }
    Ok(targets)
}

fn read(folder: &Path, manifest: &str) -> Outcome<Vec<Target>> {
    let manifest: Value = toml::from_str(manifest).named(folder.display())?;
    let described = manifest.pointer("/package/metadata/fuzz");
    let described = described.and_then(Value::as_object);
    let described: BTreeMap<_, _> = described.into_iter().flatten().collect();
    let bins = manifest.get("bin").and_then(Value::as_array);
    let mut targets = Vec::new();
    for bin in bins.into_iter().flatten() {
        let name = bin.get("name").and_then(Value::as_str).unwrap_or_default();
        let broken = || {
            let place = format!("`[package.metadata.fuzz.{name}]` in {}", folder.display());
            Failure::new(format!("{place} needs `seeds` and `max_len`"))
        };
        let about = described.get(&name.to_owned()).ok_or_else(broken)?;
        let seeds = about.get("seeds").and_then(Value::as_array);
        let max_len = about.get("max_len").and_then(Value::as_u64);
        let (Some(seeds), Some(max_len)) = (seeds, max_len) else {
            return Err(broken());
        };
        let seeds = seeds.iter().filter_map(Value::as_str);
        targets.push(Target {
            name: name.to_owned(),
            folder: folder.to_owned(),
            seeds: seeds.map(|seed| folder.join(seed)).collect(),
            max_len,
        });
    }
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{all, read};

    #[test]
    fn every_target_says_where_its_seeds_are() {
        let targets = all().expect("the manifests are read");
        assert!(targets.iter().any(|target| target.name == "canon_decode"));
        for target in targets {
            for seeds in &target.seeds {
                assert!(seeds.is_dir(), "{}: {}", target.name, seeds.display());
            }
        }
    }

    #[test]
    fn a_target_without_seeds_is_refused() {
        let bin = "[[bin]]\nname = \"x\"\n";
        assert!(read(Path::new("f"), bin).is_err());
        let whole = format!("{bin}[package.metadata.fuzz.x]\nseeds = [\"a\"]\nmax_len = 7\n");
        let targets = read(Path::new("f"), &whole).expect("read");
        assert_eq!(targets[0].seeds, [Path::new("f/a")]);
    }
}
