//! A folder of unpacked Debian packages, cut down to what programs need at run time.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{SOURCE, store};
use crate::failure::{Named, Outcome};
use crate::process::{run, say};
use crate::setup;

/// What is kept of the packages, and where it goes: `/usr` is merged, as in Debian 12 itself.
const KEPT: [(&str, &str); 4] = [
    ("usr/bin", "bin"),
    ("bin", "bin"),
    ("usr/lib", "lib"),
    ("lib", "lib"),
];

/// What is kept of `/usr/share`. The licences travel with the programs.
const KEPT_SHARE: [&str; 2] = ["doc", "git-core"];

/// Below `lib`: only for building, for other languages, or of no use in a sandbox.
const DROPPED_LIBRARIES: [&str; 11] = [
    "binfmt.d",
    "mime",
    "sasl2",
    "systemd",
    "gconv",
    "perl",
    "perl-base",
    "perl5",
    "audit",
    "engines-3",
    "krb5",
];

/// What a tree is made of.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) tree: String,
    /// The Debian release: always the same one, whatever release this machine runs.
    suite: String,
    packages: Vec<String>,
}

impl Recipe {
    /// Reads `{"suite": "bookworm", "packages": ["git"]}`.
    pub(super) fn read(tree: &str, value: &Value) -> Option<Self> {
        let packages = value.get("packages")?.as_array()?.iter();
        Some(Self {
            tree: tree.to_owned(),
            suite: value.get("suite")?.as_str()?.to_owned(),
            packages: packages
                .map(|name| name.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
        })
    }
}

/// Debian's own tools, which the packages bring along.
const DROPPED_PROGRAMS: [&str; 4] = ["deb", "dpkg", "py3", "update-alternatives"];

/// The store path of the tree with these packages.
pub(super) fn unpacked(cache: &Path, recipe: &Recipe) -> Outcome<String> {
    let Recipe {
        tree: name,
        suite,
        packages,
    } = recipe;
    let list = packages.join(",");
    let recipe = format!(
        "{suite} {list}\n{KEPT:?} {KEPT_SHARE:?} {DROPPED_LIBRARIES:?} {DROPPED_PROGRAMS:?}"
    );
    store::remembered(cache, name, &recipe, || {
        setup::require(&["mmdebstrap"])?;
        say(&format!(
            "air-gapped package set: unpacking {name} ({list})"
        ));
        let raw = cache.join("new").join("raw");
        let tree = cache.join("new").join(SOURCE);
        for leftover in [&raw, &tree] {
            if leftover.exists() {
                fs::remove_dir_all(leftover).named(leftover.display())?;
            }
        }
        run(Command::new("mmdebstrap")
            .args([
                "--quiet",
                "--variant=extract",
                &format!("--include={list}"),
                suite,
            ])
            .arg(&raw))?;
        cut_down(&raw, &tree)?;
        fs::remove_dir_all(&raw).named(raw.display())?;
        Ok(tree)
    })
}

fn cut_down(raw: &Path, tree: &Path) -> Outcome {
    for (from, to) in KEPT {
        merge(&raw.join(from), &tree.join(to))?;
    }
    for name in KEPT_SHARE {
        merge(
            &raw.join("usr/share").join(name),
            &tree.join("share").join(name),
        )?;
    }
    Ok(())
}

/// Moves what is kept of one folder into another, folder by folder.
fn merge(from: &Path, to: &Path) -> Outcome {
    if !from.is_dir() || from.is_symlink() {
        return Ok(());
    }
    fs::create_dir_all(to).named(to.display())?;
    for entry in fs::read_dir(from).named(from.display())? {
        let entry = entry.named(from.display())?;
        let target = to.join(entry.file_name());
        let is_folder = entry.file_type().named(from.display())?.is_dir();
        if !is_kept(&entry.path(), is_folder) {
            continue;
        }
        if is_folder {
            merge(&entry.path(), &target)?;
        } else {
            fs::rename(entry.path(), &target).named(target.display())?;
        }
    }
    Ok(())
}

fn is_kept(path: &Path, is_folder: bool) -> bool {
    let name = path.file_name().unwrap_or_default();
    if is_folder {
        return !DROPPED_LIBRARIES.iter().any(|dropped| name == *dropped);
    }
    let name_text = name.to_string_lossy();
    if DROPPED_PROGRAMS
        .iter()
        .any(|dropped| name_text.starts_with(dropped))
    {
        return false;
    }
    // A link to an absolute path leads to the host, or nowhere.
    if fs::read_link(path).is_ok_and(|target| target.is_absolute()) {
        return false;
    }
    let in_documentation = path.components().any(|part| part.as_os_str() == "doc");
    !in_documentation || name == "copyright"
}
