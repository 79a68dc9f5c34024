//! What is said to an intent, and why. `docs/spec/policy.md#decision`.

mod decide;
mod encode;
mod missing;
mod trace;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::id::PolicyCodeRoot;

use crate::annotation::Severity;
use crate::intent::Intent;

pub use self::decide::decide;
pub use self::missing::Missing;
pub use self::trace::{RuleOutcome, RuleTrace, trace};

/// Yes or no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It may happen
    Allow,
    /// It must not happen
    Deny,
}

impl Verdict {
    /// The verdict as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Basis {
    /// No rule is about the intent: the roles of trust alone say who may do it
    Roles,
    /// What rules said
    Rules,
    /// A rule failed, so nothing it might have said can be relied on
    Failure,
    /// The rules took more than the limits allow
    Limit,
}

impl Basis {
    /// The basis as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Rules => "rules",
            Self::Failure => "failure",
            Self::Limit => "limit",
        }
    }
}

/// One reason against an intent.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Reason {
    /// Id of the rule; the engine's own begin with `gatos-`
    pub rule: String,
    /// What the rule is about
    pub title: String,
    /// The decision record that the rule carries out, if it is one of the policy
    pub adr: Option<String>,
    /// What is wrong, for the person who wanted it
    pub message: String,
    /// What follows
    pub severity: Severity,
    /// What would have to be there
    pub missing: Vec<Missing>,
}

/// What is said to an intent. The same program, input and limits give the same decision, to the byte.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// What somebody wanted to do
    pub intent: Intent,
    /// The input that was judged
    pub input: Cid,
    /// The rules that judged it
    pub code: PolicyCodeRoot,
    /// Most instructions that the rules could take
    pub limit: u32,
    /// Yes or no
    pub verdict: Verdict,
    /// What that rests on
    pub basis: Basis,
    /// Why not, if not: by rule
    pub reasons: Vec<Reason>,
    /// What rules of severity `warning` found: by rule
    pub warnings: Vec<Reason>,
}

impl Decision {
    /// Whether it may happen.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// The canonical bytes, which an audit record names.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&self.to_value())
    }

    /// The smallest fact that is missing for the first reason that names one, as a person says it.
    #[must_use]
    pub fn smallest_missing(&self) -> Option<&Missing> {
        self.reasons
            .iter()
            .find_map(|reason| reason.missing.first())
    }

    /// The three lines for whoever was refused: the rule, its decision record, what is missing.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Some(first) = self.reasons.first() else {
            return Vec::new();
        };
        let mut lines = vec![format!("{}: {}", first.rule, first.message)];
        if let Some(adr) = &first.adr {
            lines.push(format!("see {adr}"));
        }
        let more = self.reasons.len().saturating_sub(1);
        match (self.smallest_missing(), more) {
            (Some(missing), 0) => lines.push(format!("missing: {missing}")),
            (Some(missing), more) => {
                lines.push(format!("missing: {missing} (and {more} more reasons)"));
            }
            (None, 0) => {}
            (None, more) => lines.push(format!("and {more} more reasons")),
        }
        lines
    }
}
