//! Differences of states, and proofs of what they hold.

use gatos::fold::{DiffReport, DifferenceView, PointView, SideView, StateProofReport};

use super::{bytes, count, pretty};
use crate::output::{Human, Page, Tone};

/// Most characters of a value in a list of differences.
const MAX_VALUE_CHARS: usize = 120;

impl Human for DiffReport {
    fn show(&self, page: &mut Page) {
        page.field("old", point(&self.old));
        page.field("new", point(&self.new));
        page.gap();
        self.show_quiet(page);
        let differences = match self.count {
            0 => "no differences".to_owned(),
            number => count(number, "difference"),
        };
        let listed = self.differences.len() as u64;
        if listed < self.count {
            let more = format_args!("{differences}, of which {listed} are listed: see --limit");
            page.line(Tone::Strong, more);
        } else {
            page.line(Tone::Strong, differences);
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        for difference in &self.differences {
            show_difference(difference, page);
        }
    }
}

fn point(point: &PointView) -> String {
    let PointView { state, seq, .. } = point;
    format!(
        "{state}@{seq}: {}, {}",
        count(point.history_size, "event"),
        point.state_root
    )
}

fn show_difference(difference: &DifferenceView, page: &mut Page) {
    let path = match difference.path.as_str() {
        "" => "(all of it)",
        path => path,
    };
    match (&difference.old, &difference.new) {
        (Some(old), Some(new)) => {
            page.put(Tone::Warning, format_args!("~ {path}: "));
            page.line(Tone::Plain, format_args!("{} -> {}", side(old), side(new)));
        }
        (Some(old), None) => page.line(Tone::Bad, format_args!("- {path}: {}", side(old))),
        (None, new) => {
            let new = new.as_ref().map(side).unwrap_or_default();
            page.line(Tone::Good, format_args!("+ {path}: {new}"));
        }
    }
}

fn side(side: &SideView) -> String {
    match side {
        SideView::Value(value) => {
            let text = value.get();
            match text.char_indices().nth(MAX_VALUE_CHARS) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text.to_owned(),
            }
        }
        SideView::Large { kind, size } => {
            let noun = match *kind {
                "map" => "entry",
                "list" => "item",
                "bytes" => "byte",
                _ => "character",
            };
            format!("({kind} of {})", entries(*size, noun))
        }
    }
}

fn entries(size: u64, noun: &str) -> String {
    match (size, noun) {
        (1, "entry") => "1 entry".to_owned(),
        (size, "entry") => format!("{size} entries"),
        (size, noun) => count(size, noun),
    }
}

impl Human for StateProofReport {
    fn show(&self, page: &mut Page) {
        let path = match self.path.as_str() {
            "" => "the whole state",
            path => path,
        };
        let found = if self.found {
            "proved"
        } else {
            "proved: nothing is there"
        };
        page.line(Tone::Strong, format_args!("{path}: {found}"));
        page.field("state root", &self.state_root);
        if let Some(fold) = &self.fold {
            page.field("proof", &fold.proof);
            let events = count(fold.history_size, "event");
            page.field("folded", format_args!("{events} of {}", fold.journal));
            page.field("history root", &fold.history_root);
            page.field("repository", &fold.repo);
            for signer in &fold.signers {
                page.field("signed by", signer);
            }
        }
        let blocks = count(self.blocks as u64, "block");
        page.field(
            "size",
            format_args!("{}, {blocks}", bytes(self.bytes as u64)),
        );
        if self.found {
            page.gap();
            self.show_quiet(page);
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        if let Some(value) = &self.value {
            page.block("", &pretty(value));
        }
    }
}
