//! The checked parts of `docs/architecture.md`: a mermaid graph, and a table of dependencies.

use std::collections::BTreeSet;

use super::Graph;
use crate::failure::{Failure, Outcome};

const FENCE: &str = "```mermaid\n";
const END: &str = "\n```";
const TABLE_HEAD: &str = "| dependency |";

/// The document, cut at its graph.
pub(super) struct Document<'text> {
    before: &'text str,
    graph: &'text str,
    after: &'text str,
}

impl<'text> Document<'text> {
    /// Finds the graph, which is the first mermaid block.
    pub(super) fn read(text: &'text str) -> Outcome<Self> {
        let parts = text.split_once(FENCE).and_then(|(before, rest)| {
            let (graph, after) = rest.split_once(END)?;
            Some(Self {
                before,
                graph,
                after,
            })
        });
        parts
            .ok_or_else(|| Failure::new("docs/architecture.md has no mermaid block with the graph"))
    }

    /// The document with another graph.
    pub(super) fn with_graph(&self, graph: &Graph) -> String {
        format!(
            "{}{FENCE}{}{END}{}",
            self.before,
            drawn(graph).join("\n"),
            self.after
        )
    }

    /// The lines in which the graph differs from the crates, in words.
    pub(super) fn graph_differences(&self, graph: &Graph) -> Vec<String> {
        let line = |text: &str| text.trim().to_owned();
        let written: BTreeSet<String> = self.graph.lines().map(line).collect();
        let real: BTreeSet<String> = drawn(graph).iter().map(|text| line(text)).collect();
        let extra = written
            .difference(&real)
            .map(|line| format!("graph: `{line}` is not so"));
        let missing = real
            .difference(&written)
            .map(|line| format!("graph: `{line}` is missing"));
        extra.chain(missing).collect()
    }

    /// The dependencies whose homes the table does not tell as they are, in words.
    pub(super) fn home_differences(&self, homes: &Graph) -> Vec<String> {
        let written = self.homes();
        let listed = |names: &BTreeSet<String>| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut wrong = Vec::new();
        for (dependency, crates) in homes {
            match written.get(dependency) {
                None => wrong.push(format!(
                    "table: a row | `{dependency}` | {} | why | is missing",
                    listed(crates)
                )),
                Some(said) if said != crates => wrong.push(format!(
                    "table: the home of `{dependency}` is {}, not {}",
                    listed(crates),
                    listed(said)
                )),
                Some(_) => {}
            }
        }
        let unused = written
            .keys()
            .filter(|dependency| !homes.contains_key(*dependency));
        wrong.extend(unused.map(|dependency| format!("table: nothing depends on `{dependency}`")));
        wrong
    }

    /// The rows `` | `dependency` | `crate`, `crate` | … | `` below the table's head.
    fn homes(&self) -> Graph {
        let rows = self
            .after
            .lines()
            .skip_while(|line| !line.starts_with(TABLE_HEAD));
        rows.take_while(|line| line.starts_with('|'))
            .filter_map(row)
            .collect()
    }
}

fn row(line: &str) -> Option<(String, BTreeSet<String>)> {
    let mut cells = line.split('|').skip(1);
    let dependency = quoted(cells.next()?).next()?.to_owned();
    Some((
        dependency,
        quoted(cells.next()?).map(str::to_owned).collect(),
    ))
}

/// The words in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn drawn(graph: &Graph) -> Vec<String> {
    let mut lines = vec!["graph TD".to_owned()];
    for (name, dependencies) in graph {
        if dependencies.is_empty() {
            lines.push(format!("    {name}"));
        }
        lines.extend(
            dependencies
                .iter()
                .map(|dependency| format!("    {name} --> {dependency}")),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Document, Graph};

    const TEXT: &str = "# A\n```mermaid\ngraph TD\n    a --> b\n    b\n```\n\
        | dependency | home | why |\n|---|---|---|\n| `x` | `a`, `b` | because |\n";

    fn graph(rows: &[(&str, &[&str])]) -> Graph {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        rows.iter()
            .map(|(name, to)| ((*name).to_owned(), set(to)))
            .collect()
    }

    #[test]
    fn the_graph_must_be_drawn_as_it_is() {
        let document = Document::read(TEXT).expect("a graph");
        let right = graph(&[("a", &["b"]), ("b", &[])]);
        assert!(document.graph_differences(&right).is_empty());
        assert_eq!(document.with_graph(&right), TEXT);
        let wrong = graph(&[("a", &["c"]), ("b", &[]), ("c", &[])]);
        assert_eq!(document.graph_differences(&wrong).len(), 3);
        assert!(Document::read("no graph").is_err());
    }

    #[test]
    fn the_table_must_tell_every_home() {
        let document = Document::read(TEXT).expect("a graph");
        let differences =
            |homes: &[(&str, &[&str])]| document.home_differences(&graph(homes)).len();
        assert_eq!(differences(&[("x", &["a", "b"])]), 0);
        assert_eq!(differences(&[("x", &["a"])]), 1);
        assert_eq!(differences(&[("x", &["a", "b"]), ("y", &["a"])]), 1);
        assert_eq!(differences(&[]), 1);
    }
}
