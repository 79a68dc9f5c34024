//! Fold programs, folds and states.

use gatos::fold::{CompileReport, Diagnostic, ErrorExplanation, FoldReport, StateView};
use serde::Serialize;

use super::{List, bytes, count, pretty};
use crate::output::{Human, Page, Tone};

impl Human for CompileReport {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, &self.source);
        page.field("fold root", &self.fold_root);
        page.field("size", bytes(self.size as u64));
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.fold_root);
    }
}

impl Human for ErrorExplanation {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, format_args!("{} {}", self.code, self.name));
        page.gap();
        let mut code = false;
        for line in self.text.lines() {
            if line.starts_with("```") {
                code = !code;
            } else if code && !line.is_empty() {
                page.line(Tone::Plain, format_args!("    {line}"));
            } else {
                page.line(Tone::Plain, line);
            }
        }
    }
}

impl Human for FoldReport {
    fn show(&self, page: &mut Page) {
        let already = if self.unchanged {
            ", proved already"
        } else {
            ""
        };
        let what = format_args!(
            "{} of {} folded into {}{already}",
            count(self.history_size, "event"),
            self.journal,
            self.state
        );
        page.line(Tone::Strong, what);
        page.field("proof", &self.proof);
        if let Some(base) = &self.base {
            page.field("continues", base);
        }
        page.field("state root", &self.state_root);
        page.field("fold root", &self.fold_root);
        page.field("history root", &self.history_root);
        if self.checkpoints > 1 {
            page.field("checkpoints", self.checkpoints);
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.proof);
    }
}

impl Human for StateView {
    fn show(&self, page: &mut Page) {
        let what = format_args!(
            "{}: {} of {}, checkpoint {}",
            self.state,
            count(self.history_size, "event"),
            self.journal,
            self.seq
        );
        page.line(Tone::Strong, what);
        page.field("proof", &self.proof);
        page.field("state root", &self.state_root);
        page.field("fold root", &self.fold_root);
        page.gap();
        self.show_quiet(page);
    }

    fn show_quiet(&self, page: &mut Page) {
        if let Some(value) = &self.value {
            page.block("", &pretty(value));
        }
    }
}

impl Human for List<StateView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 4]> = self.0.iter().map(row).collect();
        page.table(["state", "journal", "#events", "state root"], &rows);
    }
}

fn row(state: &StateView) -> [String; 4] {
    [
        state.state.clone(),
        state.journal.clone(),
        state.history_size.to_string(),
        state.state_root.clone(),
    ]
}

/// What can be said against some programs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct LintReport {
    files: usize,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    file: String,
    line: u32,
    column: u32,
    rule: String,
    message: String,
    help: Option<String>,
    #[serde(skip)]
    excerpt: String,
    #[serde(skip)]
    width: u32,
}

impl LintReport {
    /// Add a program and what can be said against it.
    pub(crate) fn add(&mut self, file: &str, diagnostics: Vec<Diagnostic>) {
        self.files += 1;
        let problem = |diagnostic: Diagnostic| Problem {
            file: file.to_owned(),
            line: diagnostic.place.line,
            column: diagnostic.place.column,
            rule: format!("E{:04}", diagnostic.rule.number),
            message: diagnostic.message,
            help: diagnostic.help,
            excerpt: diagnostic.excerpt,
            width: diagnostic.width,
        };
        self.problems.extend(diagnostics.into_iter().map(problem));
    }

    /// Whether nothing can be said against them.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Human for LintReport {
    fn show(&self, page: &mut Page) {
        for problem in &self.problems {
            problem.show(page);
        }
        match self.problems.len() {
            0 => page.line(
                Tone::Good,
                format_args!("{}, nothing found", count(self.files, "file")),
            ),
            number => page.line(Tone::Bad, count(number, "problem")),
        }
    }
}

impl Problem {
    fn show(&self, page: &mut Page) {
        let place = format_args!("{}:{}:{}: ", self.file, self.line, self.column);
        page.put(Tone::Strong, place);
        page.put(Tone::Bad, format_args!("{}: ", self.rule));
        page.line(Tone::Plain, &self.message);
        // Tabs as one column, so that the marks stand below what they mark.
        let excerpt = self.excerpt.replace('\t', " ");
        page.line(Tone::Plain, format_args!("    {excerpt}"));
        let indent = " ".repeat(self.column.saturating_sub(1) as usize);
        page.line(
            Tone::Bad,
            format_args!("    {indent}{}", "^".repeat(self.width as usize)),
        );
        if let Some(help) = &self.help {
            page.put(Tone::Good, "  hint: ");
            page.line(Tone::Plain, help);
        }
    }
}
