//! Asking the rules of a policy about a deed, with what people agreed on about it.

use gatos_core::cid::Cid;
use gatos_core::gate;
use gatos_core::id::{PolicyCodeRoot, PolicyRoot, RepoId};
use gatos_core::policy::Bundle;
use gatos_core::value::Value;
use gatos_policy::{Basis, Decision, Input, Intent, Limits, Missing, Program, decide};

use super::agreement::Agreement;
use super::deed::Deed;
use super::facts;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::verify::PolicyChain;

/// The rules of one policy, and what they look at besides deeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Law<'p> {
    pub(crate) repo: RepoId,
    pub(crate) root: PolicyRoot,
    pub(crate) bundle: &'p Bundle,
    program: &'p Program,
}

/// What rules said to a deed, and everything that they looked at.
#[derive(Clone, Debug)]
pub(crate) struct Ruling {
    pub(crate) input: Input,
    pub(crate) decision: Decision,
}

impl<'p> Law<'p> {
    /// The law of one policy of a chain.
    ///
    /// # Errors
    /// A policy that is not of the chain, or rules that are damaged or of another engine.
    pub(crate) fn of(policies: &'p PolicyChain, root: PolicyRoot) -> Result<Self, Error> {
        let bundle = policies.get(&root)?;
        Ok(Self {
            repo: policies.repo(),
            root,
            bundle,
            program: policies.program(&bundle.code)?,
        })
    }

    /// The law in force.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn in_force(repository: &'p Repository) -> Result<Self, Error> {
        Self::of(repository.policies(), repository.policy().0)
    }

    /// Whether a rule is about `intent`; where none is, the roles of trust alone decide.
    pub(crate) fn governs(&self, intent: Intent) -> bool {
        self.program.governs(intent)
    }

    /// What the rules say to `deed`, with the first of `agreements` with which they allow it; if they do
    /// with none, what they say with the first.
    ///
    /// # Errors
    /// A deed about which rules cannot be asked, such as one that is too large.
    pub(crate) fn ask(&self, deed: &Deed, agreements: &[Agreement]) -> Result<Ruling, Error> {
        let mut first = self.ask_with(deed, agreements.first())?;
        for agreement in agreements.iter().skip(1) {
            if first.decision.is_allowed() {
                break;
            }
            let ruling = self.ask_with(deed, Some(agreement))?;
            if ruling.decision.is_allowed() {
                first = ruling;
            }
        }
        Ok(first)
    }

    /// What the rules say to `deed` if people agreed on this about it, or on nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn ask_with(
        &self,
        deed: &Deed,
        agreement: Option<&Agreement>,
    ) -> Result<Ruling, Error> {
        let shared = facts::shared(self, deed, agreement);
        let fields = shared.into_iter().chain(deed.fields.iter().cloned());
        let input = Input::new(deed.intent, fields).context(ErrorKind::Refused, || {
            format!("the rules in force cannot judge this {}", deed.intent)
        })?;
        let decision = decide(self.program, &input, Limits::DEFAULT);
        Ok(Ruling { input, decision })
    }
}

impl Ruling {
    /// Whether the deed may be done.
    pub(crate) fn is_allowed(&self) -> bool {
        self.decision.is_allowed()
    }

    /// Whether the deed may be done, and no rule warns of it.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_allowed() && self.decision.warnings.is_empty()
    }

    /// The rules that were asked.
    pub(crate) const fn code(&self) -> PolicyCodeRoot {
        self.decision.code
    }

    /// The first reason against the deed, in the form in which refusals are kept. It follows from input
    /// and decision alone.
    pub(crate) fn reason(&self) -> Option<gate::Reason> {
        self.said(
            self.decision.reasons.first()?,
            self.decision.smallest_missing(),
        )
    }

    /// The first thing that a rule warns of, in the same form.
    pub(crate) fn warning(&self) -> Option<gate::Reason> {
        let first = self.decision.warnings.first()?;
        self.said(first, first.missing.first())
    }

    fn said(
        &self,
        reason: &gatos_policy::Reason,
        missing: Option<&Missing>,
    ) -> Option<gate::Reason> {
        Some(gate::Reason {
            rule: reason.rule.clone(),
            adr: reason.adr.clone(),
            message: reason.message.clone(),
            missing: missing.map(ToString::to_string),
            next: next(&self.input, missing),
        })
    }

    /// The error of what was denied.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let reason = self.reason()?;
        let why = match &reason.adr {
            Some(adr) => format!("{}, {adr}", reason.rule),
            None => reason.rule.clone(),
        };
        let more = match self.decision.reasons.len() {
            0 | 1 => String::new(),
            many => format!(", and {} more reasons", many - 1),
        };
        let error = Error::new(
            ErrorKind::Refused,
            format!("{} ({why}{more})", reason.message),
        );
        let hint = match (reason.missing, reason.next) {
            (Some(missing), Some(next)) => format!("missing: {missing}; {next}"),
            (Some(missing), None) => format!("missing: {missing}"),
            (None, Some(next)) => next,
            (None, None) => "`gatos policy explain` lists the rules in force".to_owned(),
        };
        Some(error.with_hint(hint))
    }

    /// What is missing that people can still say, or that rules could not be asked at all.
    pub(crate) fn missing_approvals(&self) -> Option<String> {
        let reasons = &self.decision.reasons;
        if matches!(self.decision.basis, Basis::Failure | Basis::Limit) {
            return reasons.first().map(|reason| reason.message.clone());
        }
        let missing = reasons.iter().flat_map(|reason| &reason.missing);
        let mut approvals = missing.filter(|missing| matches!(missing, Missing::Approvals { .. }));
        approvals.next().map(ToString::to_string)
    }
}

/// What to do next, as a command: whoever lacks approvals asks for them.
fn next(input: &Input, missing: Option<&Missing>) -> Option<String> {
    match missing {
        Some(Missing::Approvals {
            proposal: Some(proposal),
            ..
        }) => Some(format!("gatos approve {proposal}")),
        Some(Missing::Approvals { proposal: None, .. }) => {
            let about = about(input)?;
            Some(format!("gatos proposal new 'TITLE' {about}"))
        }
        _ => None,
    }
}

/// How a proposal for the very content of an input is asked for.
fn about(input: &Input) -> Option<String> {
    let text = |name: &str| match input.field(name) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let link = |name: &str| match input.field(name) {
        Some(Value::Link(cid)) => Some(format!("--content {cid}")),
        _ => None,
    };
    match input.intent() {
        Intent::PushRef => {
            let old = text("old").map(|old| format!(" --old {old}"));
            Some(format!(
                "--update {}{} --new {}",
                text("ref")?,
                old.unwrap_or_default(),
                text("new")?
            ))
        }
        Intent::EventAppend => {
            let payload = gatos_core::cbor::encode(input.field("payload")?);
            Some(format!("--content {}", Cid::of_dag_cbor(&payload)))
        }
        Intent::StateCheckpoint => link("fold_root"),
        Intent::ExperimentPublish => link("outputs_root"),
        Intent::PolicyActivate | Intent::TrustChange => {
            Some("--policy FOLDER --trust FILE".to_owned())
        }
        _ => None,
    }
}
