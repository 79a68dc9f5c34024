//! What a reproduction or a comparison found.

use gatos::experiment::{CompareReport, ComparisonView, DifferenceView, ReproductionReport};

use super::bytes;
use crate::output::{Human, Mark, Page, Tone};

/// How many dependencies are listed before the rest is only counted.
const MAX_DEPENDENCIES: usize = 12;

impl Human for ReproductionReport {
    fn show(&self, page: &mut Page) {
        for input in &self.inputs {
            compared(page, "input", input);
        }
        for output in &self.outputs {
            compared(page, "output", output);
        }
        if let Some(difference) = &self.difference {
            page.gap();
            explained(page, difference);
        }
        page.gap();
        page.field("program", &self.program_id);
        page.field("experiment", &self.experiment);
        for violation in &self.isolation_violations {
            page.toned_field("isolation", Tone::Bad, violation);
        }
        self.show_dependencies(page);
        page.maybe_field("room", self.room.as_ref());
        match (&self.id, &self.recorded) {
            (Some(id), Some(_)) => page.field("recorded", format_args!("{} {id}", self.ulid)),
            (Some(id), None) => page.field("signed", id),
            (None, _) => page.toned_field("recorded", Tone::Warning, "nowhere: nobody signed it"),
        }
        page.maybe_field("verdict in", self.verdict_file.as_ref());
        if let Some(missing) = &self.blocked_by {
            page.toned_field("missing", Tone::Bad, missing);
        }
        page.gap();
        self.show_quiet(page);
    }

    fn show_quiet(&self, page: &mut Page) {
        verdict(page, &self.verdict);
    }
}

trait Dependencies {
    fn show_dependencies(&self, page: &mut Page);
}

impl Dependencies for ReproductionReport {
    /// Those that were built or are named by their content need nobody's word; the others come
    /// first.
    fn show_dependencies(&self, page: &mut Page) {
        let (proved, believed): (Vec<_>, Vec<_>) = self
            .dependencies
            .iter()
            .partition(|dependency| matches!(&*dependency.vouched_by, "source" | "built"));
        if !proved.is_empty() {
            page.field(
                "built with",
                format_args!("{} proved by their bytes", proved.len()),
            );
        }
        for dependency in believed.iter().take(MAX_DEPENDENCIES) {
            let who = &dependency.vouched_by;
            page.field("believed", format_args!("{} ({who})", dependency.path));
        }
        if believed.len() > MAX_DEPENDENCIES {
            let rest = believed.len() - MAX_DEPENDENCIES;
            page.field(
                "believed",
                format_args!("and {rest} more: --json lists them"),
            );
        }
    }
}

impl Human for CompareReport {
    fn show(&self, page: &mut Page) {
        for input in &self.inputs {
            compared(page, "input", input);
        }
        for output in &self.outputs {
            compared(page, "output", output);
        }
        if let Some(difference) = &self.difference {
            page.gap();
            explained(page, difference);
        }
        page.gap();
        page.field("recorded", &self.expected_program);
        page.maybe_field("built", self.program.as_ref());
        self.show_quiet(page);
    }

    fn show_quiet(&self, page: &mut Page) {
        verdict(page, &self.verdict);
    }
}

fn compared(page: &mut Page, what: &str, item: &ComparisonView) {
    let name = format!("{what} {}", item.name);
    match &item.actual {
        Some(_) if item.identical => {
            let detail = format!("{} ({})", item.expected, bytes(item.size));
            page.check(Mark::Ok, name, &detail);
        }
        Some(actual) => {
            let detail = format!("is {actual}, was {}", item.expected);
            page.check(Mark::Fail, name, &detail);
        }
        None => page.check(Mark::Skip, name, "nothing to compare"),
    }
}

fn explained(page: &mut Page, difference: &DifferenceView) {
    let file = if difference.path.is_empty() {
        String::new()
    } else {
        format!(", file {}", difference.path)
    };
    let place = match (difference.line, difference.offset) {
        (Some(line), Some(offset)) => format!(", line {line} (byte {offset})"),
        (None, Some(offset)) => format!(", byte {offset}"),
        (Some(line), None) => format!(", line {line}"),
        (None, None) => String::new(),
    };
    let what = format_args!(
        "first difference ({}): output {}{file}{place}",
        difference.what, difference.output
    );
    page.line(Tone::Strong, what);
    page.toned_field("recorded", Tone::Good, &difference.expected);
    page.toned_field("now", Tone::Bad, &difference.actual);
    page.field("cause", &difference.cause);
    page.field("fix", &difference.hint);
}

fn verdict(page: &mut Page, verdict: &str) {
    let tone = match verdict {
        "identical" => Tone::Good,
        "identical-from-another-program" => Tone::Warning,
        _ => Tone::Bad,
    };
    let words = match verdict {
        "identical-from-another-program" => "identical outputs from another program",
        "inputs-differ" => "inputs differ",
        word => word,
    };
    page.line(tone, words);
}
