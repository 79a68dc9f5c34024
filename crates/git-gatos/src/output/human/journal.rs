//! Journals, events and proofs about them.

use gatos::journal::{AppendReport, EventDetail, EventView, JournalView, ProofReport};

use super::{List, count, utc};
use crate::output::{Human, Page, Tone};

impl Human for AppendReport {
    fn show(&self, page: &mut Page) {
        let known = match self.already_there {
            0 => String::new(),
            number => format!(", {number} there already"),
        };
        let what = format_args!(
            "{} recorded in {}{known}",
            count(self.appended, "event"),
            self.journal
        );
        page.line(Tone::Strong, what);
        if let [ulid] = &*self.ulids {
            page.field("ulid", ulid);
        }
        page.maybe_field("first", self.first.map(|index| format!("index {index}")));
        page.field("size", self.size);
        page.field("history root", &self.history_root);
    }

    fn show_quiet(&self, page: &mut Page) {
        for ulid in &self.ulids {
            page.line(Tone::Plain, ulid);
        }
    }
}

impl Human for EventView {
    fn show(&self, page: &mut Page) {
        page.put(
            Tone::Faint,
            format_args!("{:>6}  {}  ", self.index, self.ulid),
        );
        page.put(Tone::Good, &self.event_type);
        page.put(Tone::Plain, format_args!("  {}  ", self.actor));
        page.line(Tone::Plain, self.payload.get());
    }
}

impl Human for EventDetail {
    fn show(&self, page: &mut Page) {
        let event = &self.event;
        page.line(Tone::Strong, format_args!("event {}", event.index));
        page.field("ulid", &event.ulid);
        page.field("id", &event.id);
        page.field("type", &event.event_type);
        page.field("actor", &event.actor);
        page.maybe_field("time", event.ts.map(utc));
        page.field("policy", &self.policy);
        for signer in &self.signers {
            page.field("signed by", signer);
        }
        if !self.valid {
            page.toned_field("signature", Tone::Bad, "does not verify");
        }
        page.gap();
        page.block("", &super::pretty(&event.payload));
    }
}

impl Human for List<JournalView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 3]> = self.0.iter().map(row).collect();
        page.table(["journal", "#events", "history root"], &rows);
    }
}

fn row(journal: &JournalView) -> [String; 3] {
    [
        journal.journal.clone(),
        journal.size.to_string(),
        journal.history_root.clone(),
    ]
}

impl Human for ProofReport {
    fn show(&self, page: &mut Page) {
        page.put(Tone::Good, "proved: ");
        page.line(Tone::Plain, &self.proves);
    }
}
