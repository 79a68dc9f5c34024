//! `cargo xtask architecture`: crates and dependencies are as docs/architecture.md says.

mod document;
mod manifest;
mod supply;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use clap::Args;

use self::document::Document;
use self::manifest::Manifest;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};

/// Compare the crates with docs/architecture.md
///
/// The document's crate graph must be the transitive reduction of the workspace's dependencies, and
/// its table must name, for every other crate that is depended on, exactly the crates that may.
/// Cargo.lock must keep the rules of checks/deny.toml about bans and sources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Architecture {
    /// Write the graph into the document instead of comparing it
    #[arg(long)]
    write: bool,
    /// The root of the checkout
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl Architecture {
    pub(crate) fn run(&self) -> Outcome {
        let root = self.root.clone().unwrap_or_else(checkout::root);
        let file = root.join("docs/architecture.md");
        let text = fs::read_to_string(&file).named(file.display())?;
        let document = Document::read(&text)?;
        let manifests = manifest::workspace(&root)?;
        let graph = reduced(&manifests);
        if self.write {
            return fs::write(&file, document.with_graph(&graph)).named(file.display());
        }
        let mut wrong = document.graph_differences(&graph);
        wrong.extend(document.home_differences(&homes(&manifests)));
        wrong.extend(supply::differences(&root)?);
        if wrong.is_empty() {
            return Ok(());
        }
        let what = format!(
            "the crates are not as they are said to be\n  {}",
            wrong.join("\n  ")
        );
        Err(Failure::new(what).hint(
            "repair: `cargo xtask architecture --write` for the graph; the table is edited by hand, \
             because a dependency's home is a decision",
        ))
    }
}

/// Crate → the workspace crates that it depends on and no other of its dependencies does.
fn reduced(manifests: &[Manifest]) -> Graph {
    let direct: Graph = manifests
        .iter()
        .map(|manifest| (manifest.name.clone(), manifest.internal.clone()))
        .collect();
    direct
        .iter()
        .map(|(name, dependencies)| {
            let needed = |one: &String| {
                !dependencies
                    .iter()
                    .any(|other| other != one && reaches(&direct, other, one))
            };
            (
                name.clone(),
                dependencies
                    .iter()
                    .filter(|one| needed(one))
                    .cloned()
                    .collect(),
            )
        })
        .collect()
}

type Graph = BTreeMap<String, BTreeSet<String>>;

fn reaches(graph: &Graph, from: &str, to: &str) -> bool {
    graph.get(from).is_some_and(|next| {
        next.contains(to) || next.iter().any(|between| reaches(graph, between, to))
    })
}

/// External crate → the crates that depend on it outside of their tests.
fn homes(manifests: &[Manifest]) -> Graph {
    let mut homes = Graph::new();
    for manifest in manifests {
        for external in &manifest.external {
            homes
                .entry(external.clone())
                .or_default()
                .insert(manifest.name.clone());
        }
    }
    homes
}

#[cfg(test)]
mod tests {
    use super::{Graph, Manifest, homes, reduced};

    fn graph(rows: &[(&str, &[&str])]) -> Graph {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        rows.iter()
            .map(|(name, to)| ((*name).to_owned(), set(to)))
            .collect()
    }

    fn manifests(rows: &[(&str, &[&str], &[&str])]) -> Vec<Manifest> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let manifest = |(name, internal, external): &(&str, &[&str], &[&str])| Manifest {
            name: (*name).to_owned(),
            internal: set(internal),
            external: set(external),
        };
        rows.iter().map(manifest).collect()
    }

    #[test]
    fn what_follows_from_other_arrows_is_not_drawn() {
        let all = [
            ("cli", ["facade", "core", "git"].as_slice(), [].as_slice()),
            ("facade", &["git", "core"], &[]),
            ("git", &["core"], &[]),
            ("core", &[], &[]),
        ];
        let expected = [
            ("cli", ["facade"].as_slice()),
            ("facade", &["git"]),
            ("git", &["core"]),
            ("core", &[]),
        ];
        assert_eq!(reduced(&manifests(&all)), graph(&expected));
    }

    #[test]
    fn a_home_is_every_crate_that_depends() {
        let all = [
            ("a", [].as_slice(), ["x", "y"].as_slice()),
            ("b", &[], &["y"]),
        ];
        let expected = [("x", ["a"].as_slice()), ("y", &["a", "b"])];
        assert_eq!(homes(&manifests(&all)), graph(&expected));
    }
}
