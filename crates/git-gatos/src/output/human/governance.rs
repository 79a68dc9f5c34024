//! Proposals, approvals, grants, revocations, and policies that take effect.

use gatos::governance::{
    ActivationReport, ApprovalReport, GrantReport, GrantView, ProposalReport, ProposalView,
    RevocationReport, Step, Transition,
};

use super::{List, count};
use crate::output::{Human, Page, Tone};

impl Human for ProposalReport {
    fn show(&self, page: &mut Page) {
        let known = if self.already {
            " (there already; nothing written)"
        } else {
            ""
        };
        page.line(
            Tone::Strong,
            format_args!("proposed by {}{known}", self.actor),
        );
        page.field("proposal", &self.proposal);
        page.field("about", &self.subject);
        page.gap();
        page.line(
            Tone::Plain,
            format_args!("next: gatos approve {}", self.proposal),
        );
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.proposal);
    }
}

impl Human for ProposalView {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, &self.title);
        page.field("proposal", &self.proposal);
        page.field("about", &self.subject);
        page.field("by", &self.actor);
        page.field("use", uses(&self.uses));
        page.toned_field("status", tone(self.status), self.status);
        page.maybe_field("missing", self.missing.as_ref());
        page.maybe_field("rules", self.rules.as_ref());
        page.maybe_field("for a grant", self.grant.as_ref());
        if !self.reason.is_empty() {
            page.gap();
            page.block("  ", &self.reason);
        }
        if self.approvals.is_empty() {
            return;
        }
        page.gap();
        let rows: Vec<[String; 4]> = self
            .approvals
            .iter()
            .map(|a| {
                [
                    a.actor.clone(),
                    a.verdict.to_owned(),
                    a.fingerprint.clone(),
                    a.reason.clone(),
                ]
            })
            .collect();
        page.table(["actor", "said", "key", "reason"], &rows);
    }
}

impl Human for List<ProposalView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 5]> = self
            .0
            .iter()
            .map(|p| {
                [
                    p.proposal.clone(),
                    p.status.to_owned(),
                    p.kind.to_owned(),
                    p.actor.clone(),
                    p.title.clone(),
                ]
            })
            .collect();
        page.table(["proposal", "status", "about", "by", "title"], &rows);
    }
}

impl Human for ApprovalReport {
    fn show(&self, page: &mut Page) {
        let known = if self.already {
            " (said before; nothing written)"
        } else {
            ""
        };
        page.line(
            Tone::Strong,
            format_args!(
                "{} says {}: {}{known}",
                self.actor, self.verdict, self.title
            ),
        );
        page.field("approval", &self.approval);
        page.field("proposal", &self.proposal);
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.approval);
    }
}

impl Human for GrantReport {
    fn show(&self, page: &mut Page) {
        let known = if self.already {
            " (there already; nothing written)"
        } else {
            ""
        };
        page.line(Tone::Strong, format_args!("granted: {}{known}", self.title));
        page.field("grant", &self.grant);
        page.field("for", &self.subject);
        page.field("approved by", self.approved_by.join(", "));
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.grant);
    }
}

impl Human for GrantView {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, &self.title);
        page.field("grant", &self.grant);
        page.field("for", &self.subject);
        page.field("use", uses(&self.uses));
        page.field("approved by", self.approved_by.join(", "));
        page.toned_field("status", tone(self.status), self.status);
    }
}

impl Human for List<GrantView> {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 4]> = self
            .0
            .iter()
            .map(|g| {
                [
                    g.grant.clone(),
                    g.status.to_owned(),
                    g.approved_by.join(", "),
                    g.title.clone(),
                ]
            })
            .collect();
        page.table(["grant", "status", "approved by", "title"], &rows);
    }
}

impl Human for Transition {
    fn show(&self, page: &mut Page) {
        let tone = match self.step {
            Step::QuorumReached | Step::Granted | Step::Activated => Tone::Good,
            Step::Rejected | Step::QuorumLost | Step::Revoked => Tone::Warning,
            _ => Tone::Plain,
        };
        page.put(tone, format_args!("{:<14}  ", self.step.describe()));
        let about = self.proposal.as_ref().unwrap_or(&self.policy_root);
        page.put(Tone::Faint, about);
        if let Some(actor) = &self.actor {
            page.put(Tone::Plain, format_args!("  {actor}"));
        }
        if let Some(title) = &self.title {
            page.put(Tone::Plain, format_args!("  {title}"));
        }
        if let Some(missing) = &self.missing {
            page.put(Tone::Faint, format_args!("  missing: {missing}"));
        }
        page.line(Tone::Plain, "");
    }
}

impl Human for RevocationReport {
    fn show(&self, page: &mut Page) {
        let known = if self.already {
            " (before; nothing written)"
        } else {
            ""
        };
        page.line(
            Tone::Strong,
            format_args!("taken back by {}: {}{known}", self.actor, self.title),
        );
        page.field("grant", &self.grant);
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.grant);
    }
}

impl Human for ActivationReport {
    fn show(&self, page: &mut Page) {
        let known = if self.already {
            " (there already; nothing written)"
        } else {
            ""
        };
        page.line(
            Tone::Strong,
            format_args!("policy {} is in force{known}", self.policy_seq),
        );
        page.field("policy", &self.policy_root);
        page.field("previous", &self.previous);
        page.field("by", &self.actor);
        page.maybe_field("grant", self.grant.as_ref());
        if self.way_back {
            page.field("rules", "they deny it, and everybody agreed");
        }
        page.field(
            "history",
            format_args!(
                "the place of {} is recorded",
                count(self.anchors as u64, "ref")
            ),
        );
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.policy_root);
    }
}

fn tone(status: &str) -> Tone {
    match status {
        "approved" | "usable" => Tone::Good,
        "revoked" | "outdated" | "denied" => Tone::Warning,
        _ => Tone::Plain,
    }
}

fn uses(uses: &str) -> String {
    match uses.parse() {
        Ok(until) => format!("until {}", super::utc(until)),
        Err(_) => "once".to_owned(),
    }
}
