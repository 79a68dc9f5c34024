//! Experiments: a run, and what is recorded about one.

use gatos::experiment::{ExecutionView, ExperimentView, ItemView, RunReport};

use super::history::name_of;
use super::{List, bytes, count, utc};
use crate::output::{Human, Page, Tone};

impl Human for RunReport {
    fn show(&self, page: &mut Page) {
        page.line(
            Tone::Strong,
            format_args!("experiment {} {}", self.name, self.ulid),
        );
        page.field("proof", &self.id);
        page.field("program", &self.program_id);
        page.field("inputs", &self.inputs_root);
        page.field("outputs", &self.outputs_root);
        for fold in &self.folds {
            page.field("state", format_args!("{} {}", fold.state, fold.state_root));
        }
        if self.events > 0 {
            page.field("events", self.events);
        }
        page.field("result", &self.output);
        if self.dirty {
            let warning = "the study's files are not all in Git: others cannot check them out";
            page.toned_field("warning", Tone::Warning, warning);
        }
        for secret in &self.secrets {
            page.toned_field("warning", Tone::Warning, secret);
        }
        page.gap();
        page.line(
            Tone::Plain,
            format_args!("next: gatos verify {}", self.ulid),
        );
        page.line(
            Tone::Plain,
            format_args!("      gatos reproduce {}", self.ulid),
        );
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.ulid);
    }
}

impl Human for ExperimentView {
    fn show(&self, page: &mut Page) {
        page.line(
            Tone::Strong,
            format_args!("experiment {} {}", self.name, self.ulid),
        );
        page.field("proof", &self.id);
        page.field(
            "recorded",
            format_args!("{} by {}", recorded(self.recorded_ms), self.actor),
        );
        page.field("program", &self.program_id);
        page.field("builder", &self.builder_id);
        page.field("policy", &self.policy_root);
        let dirty = if self.dirty {
            ", with changes that it does not have"
        } else {
            ""
        };
        let revision = self.revision.as_deref().unwrap_or("none");
        page.field("git commit", format_args!("{revision}{dirty}"));
        for fold in &self.folds {
            let role = fold.input.as_deref().unwrap_or("results");
            page.field("fold", format_args!("{role} {}", fold.proof));
        }
        if let Some(results) = &self.results {
            let number = count(results.count, "event");
            let what = format_args!(
                "{number} of {}, from index {}",
                results.journal, results.first
            );
            page.field("results", what);
        }
        page.gap();
        let inputs = self.inputs.iter().map(|item| row("input", item));
        let outputs = self.outputs.iter().map(|item| row("output", item));
        let rows: Vec<[String; 4]> = inputs.chain(outputs).collect();
        page.table(["", "name", "#size", "hash"], &rows);
    }
}

fn row(what: &str, item: &ItemView) -> [String; 4] {
    [
        what.to_owned(),
        item.name.clone(),
        bytes(item.nar_size),
        item.nar_hash.clone(),
    ]
}

impl Human for List<ExperimentView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 4]> = self.0.iter().map(summary).collect();
        page.table(["ulid", "recorded", "name", "by"], &rows);
    }
}

fn summary(experiment: &ExperimentView) -> [String; 4] {
    [
        experiment.ulid.clone(),
        recorded(experiment.recorded_ms),
        experiment.name.clone(),
        experiment.actor.clone(),
    ]
}

impl Human for List<ExecutionView> {
    fn show(&self, page: &mut Page) {
        let row = |job: &ExecutionView| {
            [
                job.ulid.clone(),
                recorded(job.recorded_ms),
                name_of(&job.program_id).to_owned(),
                job.outcome.clone(),
            ]
        };
        let rows: Vec<[String; 4]> = self.0.iter().map(row).collect();
        page.table(["ulid", "recorded", "name", "outcome"], &rows);
    }
}

/// The time in an identifier.
pub(super) fn recorded(milliseconds: u64) -> String {
    utc(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}
