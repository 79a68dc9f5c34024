//! What the `Cargo.toml` of each crate says about its dependencies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::failure::{Failure, Named, Outcome};

/// One crate's dependencies outside of its tests.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) name: String,
    /// Crates of this workspace.
    pub(super) internal: BTreeSet<String>,
    /// All others.
    pub(super) external: BTreeSet<String>,
}

/// The manifests of all crates below `crates/`, in alphabetical order.
pub(super) fn workspace(root: &Path) -> Outcome<Vec<Manifest>> {
    let crates = root.join("crates");
    let mut tables = Vec::new();
    for entry in fs::read_dir(&crates).named(crates.display())? {
        let file = entry.named(crates.display())?.path().join("Cargo.toml");
        if file.exists() {
            let text = fs::read_to_string(&file).named(file.display())?;
            let table: Table = text.parse().named(file.display())?;
            let name = name(&table).ok_or_else(|| {
                Failure::new(format!("{}: it has no `package.name`", file.display()))
            })?;
            tables.push((name, table));
        }
    }
    tables.sort_by(|one, other| one.0.cmp(&other.0));
    let members: BTreeSet<String> = tables.iter().map(|(name, _)| name.clone()).collect();
    let manifest = |(name, table): (String, Table)| {
        let (internal, external) =
            dependencies(&table).partition(|dependency| members.contains(dependency));
        Manifest {
            name,
            internal,
            external,
        }
    };
    Ok(tables.into_iter().map(manifest).collect())
}

fn name(table: &Table) -> Option<String> {
    table
        .get("package")?
        .get("name")?
        .as_str()
        .map(str::to_owned)
}

/// The keys of `[dependencies]`, `[build-dependencies]` and their forms for one target.
fn dependencies(table: &Table) -> impl Iterator<Item = String> {
    let keys = |table: &Table| -> Vec<String> {
        ["dependencies", "build-dependencies"]
            .iter()
            .filter_map(|section| table.get(*section)?.as_table())
            .flat_map(|section| section.keys().cloned())
            .collect()
    };
    let mut found = keys(table);
    let targets = table
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    for (_, target) in targets {
        found.extend(target.as_table().map(keys).unwrap_or_default());
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::dependencies;

    fn check(manifest: &str, expected: &[&str]) {
        let table: Table = manifest.parse().expect("a manifest");
        assert_eq!(
            dependencies(&table).collect::<Vec<_>>(),
            expected,
            "{manifest}"
        );
    }

    #[test]
    fn tests_may_depend_on_anything() {
        check(
            "[dependencies]\na.workspace = true\n[dev-dependencies]\nb = \"1\"",
            &["a"],
        );
        check("[build-dependencies]\nc = \"1\"", &["c"]);
        check("[target.'cfg(unix)'.dependencies]\nd = \"1\"", &["d"]);
        check("[package]\nname = \"e\"", &[]);
    }
}
