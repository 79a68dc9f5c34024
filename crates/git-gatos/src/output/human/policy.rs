//! Rules, their tests, and what they decide.

use gatos::policy::{
    CheckReport, CompileReport, DiffReport, ExplainReport, FormatReport, ListReport, RuleView,
    TemplateReport, TestReport,
};

use super::{bytes, count};
use crate::output::{Human, Mark, Page, Tone};

impl Human for CompileReport {
    fn show(&self, page: &mut Page) {
        let what = format_args!(
            "{} in {}",
            count(self.rules as u64, "rule"),
            count(self.modules as u64, "module")
        );
        page.line(Tone::Strong, what);
        page.field("policy code root", &self.root);
        page.field("engine", self.engine);
        page.field("size", bytes(self.size as u64));
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.root);
    }
}

impl Human for CheckReport {
    fn show(&self, page: &mut Page) {
        for problem in &self.problems {
            page.block("", &problem.text);
            page.gap();
        }
        match self.problems.len() {
            0 => page.line(
                Tone::Good,
                format_args!(
                    "{}, {}, nothing found",
                    count(self.modules as u64, "module"),
                    count(self.rules as u64, "rule")
                ),
            ),
            number => page.line(Tone::Bad, count(number as u64, "problem")),
        }
    }
}

impl Human for FormatReport {
    fn show(&self, page: &mut Page) {
        for file in &self.files {
            page.line(Tone::Strong, format_args!("{}:{}", file.module, file.line));
            page.field("is", &file.is);
            page.field("should be", &file.should_be);
            page.gap();
        }
        let all = count(self.modules as u64, "file");
        match self.files.len() {
            0 => page.line(
                Tone::Good,
                format_args!("{all}, all laid out as they should"),
            ),
            number => page.line(
                Tone::Bad,
                format_args!("{number} of {all} laid out otherwise"),
            ),
        }
    }
}

impl Human for TestReport {
    fn show(&self, page: &mut Page) {
        for case in &self.cases {
            let mark = match case.outcome {
                "passed" => Mark::Ok,
                _ => Mark::Fail,
            };
            let place = format!("{}:{} {}", case.module, case.line, case.name);
            page.check(mark, place, case.detail.as_deref().unwrap_or(case.outcome));
        }
        page.gap();
        for module in &self.coverage {
            let all = module.covered.saturating_add(module.missed.len());
            let missed: Vec<String> = module.missed.iter().map(u32::to_string).collect();
            let lines = match missed.is_empty() {
                true => String::new(),
                false => format!("; not reached: {}", missed.join(", ")),
            };
            let text = format_args!("{} of {all} lines reached{lines}", module.covered);
            page.field(&module.module, text);
        }
        if !self.silent.is_empty() {
            page.field("never spoke", self.silent.join(", "));
        }
        let passed = self.cases.iter().filter(|case| case.outcome == "passed");
        let text = format!(
            "{} of {} passed",
            passed.count(),
            count(self.cases.len() as u64, "test")
        );
        let tone = if self.passed { Tone::Good } else { Tone::Bad };
        page.line(tone, text);
    }
}

impl Human for ListReport {
    fn show(&self, page: &mut Page) {
        page.field("policy code root", &self.root);
        if self.rules.is_empty() {
            page.line(Tone::Plain, "no rules: the roles of trust alone decide");
        }
        for rule in &self.rules {
            page.gap();
            rule.show(page);
        }
        for module in &self.modules {
            page.gap();
            page.line(Tone::Strong, &module.name);
            page.block("  ", &module.text);
        }
    }
}

impl Human for RuleView {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, format_args!("{}: {}", self.id, self.title));
        let effect = match (self.effect, self.severity) {
            ("deny", "warning") => "warns",
            ("deny", _) => "denies",
            _ => "allows",
        };
        let scope = self.scope.as_deref().unwrap_or("everything");
        let text = format!("{effect} {} of {scope}", self.intents.join(", "));
        page.field("effect", text);
        page.field("message", &self.message);
        page.field("adr", &self.adr);
    }
}

impl Human for ExplainReport {
    fn show(&self, page: &mut Page) {
        let tone = match self.verdict {
            "allow" => Tone::Good,
            _ => Tone::Bad,
        };
        page.line(tone, format_args!("{}, by {}", self.verdict, self.basis));
        for line in &self.lines {
            page.line(Tone::Plain, format_args!("  {line}"));
        }
        for warning in &self.warnings {
            page.line(Tone::Plain, format_args!("  warning: {warning}"));
        }
        page.field("decision", &self.id);
        for trace in &self.rules {
            let mark = match trace.outcome {
                "holds" | "found nothing" => Mark::Ok,
                "out of scope" => Mark::Skip,
                _ => Mark::Fail,
            };
            let what = format!("{} {}", trace.rule.effect, trace.rule.id);
            let detail = match trace.findings.is_empty() {
                true => trace.outcome.to_owned(),
                false => format!("{}: {}", trace.outcome, trace.findings.join("; ")),
            };
            page.check(mark, what, &detail);
        }
    }
}

impl Human for DiffReport {
    fn show(&self, page: &mut Page) {
        page.field("before", &self.before);
        page.field("after", &self.after);
        for change in &self.changes {
            page.gap();
            page.line(
                Tone::Strong,
                format_args!("{} {}", change.kind, change.name),
            );
            for detail in &change.details {
                page.line(Tone::Plain, format_args!("  {detail}"));
            }
        }
        if self.changes.is_empty() {
            page.line(Tone::Good, "the same");
        }
    }
}

impl Human for TemplateReport {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, format_args!("the policy {}", self.template));
        for file in &self.files {
            page.line(Tone::Plain, format_args!("  {file}"));
        }
    }
}
