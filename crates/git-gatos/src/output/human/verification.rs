//! What was checked, one line each, and the verdict.

use gatos::verify::{CheckOutcome, Verification, VerificationVerdict};

use crate::output::{Human, Mark, Page, Tone};

impl Human for Verification {
    fn show(&self, page: &mut Page) {
        for check in &self.checks {
            let mark = match check.outcome {
                CheckOutcome::Passed => Mark::Ok,
                CheckOutcome::Failed => Mark::Fail,
                CheckOutcome::Skipped => Mark::Skip,
            };
            let what = format!("{}, {}", check.subject, check.name);
            page.check(mark, what, &check.detail);
        }
        page.gap();
        page.maybe_field("repository", self.repo.as_ref());
        page.maybe_field("founder", self.founder.as_ref());
        self.show_quiet(page);
    }

    fn show_quiet(&self, page: &mut Page) {
        let (passed, failed, skipped) = self.counts();
        let (tone, word) = match self.verdict {
            VerificationVerdict::Verified => (Tone::Good, "verified"),
            VerificationVerdict::Mismatch => (Tone::Bad, "NOT AS RECORDED"),
            VerificationVerdict::Untrusted => (Tone::Bad, "UNTRUSTED"),
            VerificationVerdict::Incomplete => (Tone::Bad, "INCOMPLETE"),
            VerificationVerdict::Blocked => (Tone::Bad, "BLOCKED"),
        };
        page.put(tone, word);
        let counts = [(passed, "passed"), (failed, "failed"), (skipped, "skipped")];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(n, how)| format!("{n} {how}")).collect();
        page.line(
            Tone::Plain,
            format_args!(": {} ({})", self.subject, counts.join(", ")),
        );
    }
}
