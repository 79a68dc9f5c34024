//! What was run and what was reproduced, in one sequence.

use gatos::experiment::{ExperimentView, ReproductionView};
use serde::Serialize;

use super::experiment::recorded;
use crate::output::{Human, Page, Tone};

/// Experiments and reproductions, newest first.
#[derive(Debug)]
pub(crate) struct History {
    entries: Vec<Entry>,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// Something was run
    Experiment(ExperimentView),
    /// Something was run again
    Reproduction {
        /// What was found
        #[serde(flatten)]
        reproduction: ReproductionView,
        /// Name of the experiment, if it is of this repository
        name: Option<String>,
    },
}

impl History {
    /// The two in one sequence.
    pub(crate) fn new(
        experiments: Vec<ExperimentView>,
        reproductions: Vec<ReproductionView>,
    ) -> Self {
        let name_of = |id: &str| {
            let found = experiments.iter().find(|experiment| experiment.id == id);
            found.map(|experiment| experiment.name.clone())
        };
        let again = reproductions
            .into_iter()
            .map(|reproduction| Entry::Reproduction {
                name: name_of(&reproduction.experiment),
                reproduction,
            });
        let mut entries: Vec<Entry> = again.collect();
        entries.extend(experiments.into_iter().map(Entry::Experiment));
        entries.sort_by(|a, b| b.ulid().cmp(a.ulid()));
        Self { entries }
    }

    /// One after the other.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = Entry> {
        self.entries.into_iter()
    }
}

impl Entry {
    fn ulid(&self) -> &str {
        match self {
            Self::Experiment(experiment) => &experiment.ulid,
            Self::Reproduction { reproduction, .. } => &reproduction.ulid,
        }
    }
}

impl Human for Entry {
    fn show(&self, page: &mut Page) {
        match self {
            Self::Experiment(experiment) => {
                page.put(Tone::Strong, format_args!("experiment {}", experiment.name));
                page.line(Tone::Plain, format_args!(" {}", experiment.ulid));
                by(page, experiment.recorded_ms, &experiment.actor);
                page.field("  proof", &experiment.id);
                let names = |items: &[gatos::experiment::ItemView]| {
                    let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
                    names.join(", ")
                };
                page.field("  inputs", names(&experiment.inputs));
                page.field("  outputs", names(&experiment.outputs));
            }
            Self::Reproduction { reproduction, name } => {
                let name = name.as_deref().unwrap_or("of another repository");
                page.put(Tone::Strong, format_args!("reproduction {name}"));
                page.put(Tone::Plain, format_args!(" {} ", reproduction.ulid));
                let good = reproduction.verdict.starts_with("identical");
                let tone = if good { Tone::Good } else { Tone::Bad };
                page.line(tone, &reproduction.verdict);
                by(page, reproduction.recorded_ms, &reproduction.actor);
                page.field("  of", &reproduction.experiment);
                page.maybe_field("  missing", reproduction.blocked_by.as_ref());
            }
        }
        page.end_paragraph();
    }
}

fn by(page: &mut Page, milliseconds: u64, actor: &str) {
    page.field(
        "  recorded",
        format_args!("{} by {actor}", recorded(milliseconds)),
    );
}
