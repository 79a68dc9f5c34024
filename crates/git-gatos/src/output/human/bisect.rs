//! Searches for the event that made a state what it should not be.

use gatos::bisect::{BisectReport, Culprit, Judgement, Outcome};
use gatos::journal::ProofDocument;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{count, pretty};
use crate::output::{Human, Page, Tone};

impl Human for BisectReport {
    fn show(&self, page: &mut Page) {
        page.field("state", format_args!("{} of {}", self.state, self.journal));
        for judged in &self.judged {
            let (word, tone) = match judged.judgement {
                Judgement::Good => ("good", Tone::Good),
                Judgement::Bad => ("bad", Tone::Bad),
                Judgement::Skip => ("skipped", Tone::Warning),
            };
            page.toned_field(
                word,
                tone,
                format_args!("after {}", count(judged.size, "event")),
            );
        }
        page.gap();
        match &self.outcome {
            Outcome::Open {
                size,
                kept,
                looks_left,
            } => {
                let kept = if *kept { ", a checkpoint" } else { "" };
                let after = count(*size, "event");
                page.line(
                    Tone::Strong,
                    format_args!("judge the state after {after}{kept}"),
                );
                let looks = count(*looks_left, "look");
                let left = count(self.bad - self.good, "event");
                page.line(
                    Tone::Faint,
                    format_args!("{left} in question, {looks} at most"),
                );
            }
            Outcome::Undecided { first, last } => {
                let what =
                    format_args!("one of events {first} to {last}: what is left was skipped");
                page.line(Tone::Warning, what);
            }
            Outcome::Found(culprit) => show_culprit(culprit, page),
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        match &self.outcome {
            Outcome::Open { size, .. } => page.line(Tone::Plain, size),
            Outcome::Undecided { first, last } => {
                page.line(Tone::Plain, format_args!("{first} {last}"))
            }
            Outcome::Found(culprit) => page.line(Tone::Plain, &culprit.event.event.id),
        }
    }
}

fn show_culprit(culprit: &Culprit, page: &mut Page) {
    page.put(Tone::Bad, "culprit: ");
    culprit.event.show(page);
    if let ProofDocument::Inclusion { size, root, .. } = &culprit.proof {
        page.gap();
        let of = count(*size, "event");
        page.field("proved in", format_args!("{of} with history root {root}"));
    }
}

/// A value that is shown as the JSON that it is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Json(pub(crate) Box<RawValue>);

impl Human for Json {
    fn show(&self, page: &mut Page) {
        page.block("", &pretty(&self.0));
    }
}
