//! The gate of a server, what it would say, and what it refused.

use gatos::gate::{CheckReport, DenialView, Finding, InstallReport, RangeReport, Replay};

use super::{List, count, pretty, utc};
use crate::output::{Human, Mark, Page, Tone};

impl Human for InstallReport {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, "the gate is set up");
        page.field("repository", &self.repository);
        page.field("hooks", self.hooks.join(", "));
        page.field("key", &self.key);
        for setting in &self.settings {
            page.field("setting", setting);
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.key);
    }
}

impl Human for CheckReport {
    fn show(&self, page: &mut Page) {
        findings(page, Mark::Fail, &self.findings);
        findings(page, Mark::Warn, &self.advice);
        sound(page, self);
    }

    fn show_quiet(&self, page: &mut Page) {
        findings(page, Mark::Fail, &self.findings);
        sound(page, self);
    }
}

fn findings(page: &mut Page, mark: Mark, findings: &[Finding]) {
    for finding in findings {
        page.check(mark, &finding.what, "");
        page.field("     fix", &finding.fix);
    }
}

fn sound(page: &mut Page, report: &CheckReport) {
    let sound = report.checked - report.findings.len().min(report.checked);
    let all = count(report.checked, "thing");
    page.check(
        Mark::Ok,
        format_args!("{sound} of {all} as they should be"),
        "",
    );
}

impl Human for RangeReport {
    fn show(&self, page: &mut Page) {
        for refused in &self.refused {
            page.check(Mark::Fail, &refused.reference, &refused.message);
            page.field("     rule", &refused.rule);
            page.maybe_field("     why", refused.adr.as_ref());
            page.maybe_field("     missing", refused.missing.as_ref());
            page.maybe_field("     next", refused.next.as_ref());
        }
        for warned in &self.warnings {
            page.check(Mark::Warn, &warned.reference, &warned.message);
            page.field("     warns", &warned.rule);
            page.maybe_field("     why", warned.adr.as_ref());
        }
        self.show_quiet(page);
    }

    fn show_quiet(&self, page: &mut Page) {
        let (tone, word) = if self.accepted {
            (Tone::Good, "would be accepted")
        } else {
            (Tone::Bad, "WOULD BE REFUSED")
        };
        page.put(tone, word);
        page.line(Tone::Plain, format_args!(": {}", count(self.refs, "ref")));
    }
}

impl Human for List<DenialView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 5]> = self
            .0
            .iter()
            .map(|denial| {
                [
                    denial.ulid.clone(),
                    denial.subject.clone(),
                    denial.rule.clone(),
                    denial.pusher.clone().unwrap_or_default(),
                    denial.count.to_string(),
                ]
            })
            .collect();
        page.table(["denial", "ref", "rule", "pusher", "#count"], &rows);
    }
}

impl Human for Replay {
    fn show(&self, page: &mut Page) {
        let denial = &self.denial;
        page.line(
            Tone::Strong,
            format_args!("{} {}", denial.effect, denial.subject),
        );
        page.field("why", &denial.message);
        page.field(
            "rule",
            format_args!("{} (by the {})", denial.rule, denial.judge),
        );
        page.maybe_field("decision", denial.adr.as_ref());
        page.maybe_field("missing", denial.missing.as_ref());
        page.maybe_field("next", denial.next.as_ref());
        page.gap();
        page.field("denial", &denial.ulid);
        page.field("statement", &denial.id);
        page.field(
            "recorded",
            utc(i64::try_from(denial.recorded_ms).unwrap_or(i64::MAX)),
        );
        page.maybe_field("pusher", denial.pusher.as_ref());
        page.field("policy", &denial.policy_root);
        let of = denial
            .signer_actor
            .as_deref()
            .unwrap_or("a gate that the policy does not name");
        page.field("signed by", format_args!("{} ({of})", denial.signer));
        if denial.count > 1 {
            page.field("stands for", count(denial.count, "refusal"));
        }
        page.gap();
        page.line(Tone::Faint, "what was judged");
        page.block("  ", &pretty(&self.facts));
        page.gap();
        let (mark, word) = if self.same {
            (Mark::Ok, "decided again: the same, byte for byte")
        } else {
            (Mark::Fail, "decided again: NOT THE SAME")
        };
        page.check(mark, word, "");
    }
}
