//! Files of evidence.

use std::collections::BTreeMap;

use gatos::evidence::{Manifest, PackReport};
use serde::Serialize;

use super::{bytes, count};
use crate::output::{Human, Page, Tone};

impl Human for PackReport {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, &self.path);
        page.field("root", &self.root);
        let (size, blocks) = (bytes(self.bytes), self.blocks);
        page.field("size", format_args!("{size} in {blocks} blocks"));
        if self.closure > 0 {
            page.field("closure", format_args!("{} store objects", self.closure));
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.root);
    }
}

/// What a file of evidence holds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Contents {
    path: String,
    experiment: String,
    execution: String,
    policies: usize,
    folds: usize,
    journals: BTreeMap<String, usize>,
    inputs_kept: Vec<String>,
    outputs_kept: Vec<String>,
    derivations: usize,
    closure: usize,
}

impl Contents {
    /// Of the file at `path`: the ids of the experiment and of its execution, and the table of
    /// contents, which names the blocks that these are in.
    pub(crate) fn of(
        path: String,
        (experiment, execution): (String, String),
        manifest: &Manifest,
    ) -> Self {
        let journals = manifest.journals.iter();
        Self {
            path,
            experiment,
            execution,
            policies: manifest.policies.len(),
            folds: manifest.folds.len(),
            journals: journals
                .map(|(name, batches)| (name.to_string(), batches.len()))
                .collect(),
            inputs_kept: manifest
                .input_nars
                .keys()
                .map(ToString::to_string)
                .collect(),
            outputs_kept: manifest
                .output_nars
                .keys()
                .map(ToString::to_string)
                .collect(),
            derivations: manifest.derivations.len(),
            closure: manifest.closure.len(),
        }
    }
}

impl Human for Contents {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, &self.path);
        page.field("experiment", &self.experiment);
        page.field("execution", &self.execution);
        page.field("policies", self.policies);
        page.field("folds", self.folds);
        for (journal, batches) in &self.journals {
            let batches = count(*batches, "batch");
            page.field("journal", format_args!("{journal}, {batches}"));
        }
        page.field("inputs", kept(&self.inputs_kept));
        page.field("outputs", kept(&self.outputs_kept));
        page.field("derivations", self.derivations);
        let closure = match self.closure {
            0 => "not packed: the build needs this machine's store or a cache".to_owned(),
            count => format!("{count} store objects, all that the build needs"),
        };
        page.field("closure", closure);
    }
}

fn kept(names: &[String]) -> String {
    if names.is_empty() {
        "none kept".to_owned()
    } else {
        names.join(", ")
    }
}
