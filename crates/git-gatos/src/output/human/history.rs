//! What was run and what was reproduced, in one sequence.

use gatos::experiment::{ExecutionView, ExperimentView, ItemView, ReproductionView};
use serde::Serialize;

use super::experiment::recorded;
use crate::output::{Human, Page, Tone};

/// Experiments, reproductions, and jobs that came to nothing, newest first.
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
    /// Something was executed, and no experiment came of it
    Job(ExecutionView),
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
        executions: Vec<ExecutionView>,
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
        let failed = executions
            .into_iter()
            .filter(|job| job.outcome != "succeeded");
        entries.extend(failed.map(Entry::Job));
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
            Self::Job(job) => &job.ulid,
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
                let names = |items: &[ItemView]| {
                    let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
                    names.join(", ")
                };
                page.field("  inputs", names(&experiment.inputs));
                page.field("  outputs", names(&experiment.outputs));
            }
            Self::Job(job) => {
                page.put(
                    Tone::Strong,
                    format_args!("job {}", name_of(&job.program_id)),
                );
                page.put(Tone::Plain, format_args!(" {} ", job.ulid));
                page.line(Tone::Bad, &job.outcome);
                by(page, job.recorded_ms, &job.actor);
                page.field("  proof", &job.id);
                page.field("  log", format_args!("gatos job log {}", job.ulid));
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

/// The name in `nix:<hash>-<name>.drv`.
pub(super) fn name_of(program: &str) -> &str {
    let name = program.split_once('-').map_or(program, |(_, name)| name);
    name.trim_end_matches(".drv")
}

fn by(page: &mut Page, milliseconds: u64, actor: &str) {
    page.field(
        "  recorded",
        format_args!("{} by {actor}", recorded(milliseconds)),
    );
}
