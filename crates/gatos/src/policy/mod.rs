//! The rules of a repository: where they come from, what they say of what somebody wants to do.
//! `docs/spec/policy.md`.

mod activation;
mod agreement;
mod deed;
mod enforce;
mod facts;
mod law;
mod operations;
mod source;
mod spent;

pub use gatos_policy::{
    Basis, Change, Coverage, Decision, Diagnostic, Diagnostics, Effect, Input, Intent, Limits,
    Missing, Module, Outcome, Program, Reason, Rule, RuleOutcome, RuleTrace, Severity, TEMPLATES,
    Template, Verdict,
};

pub use self::operations::{
    ChangeView, CheckReport, CompileReport, CoverageView, DiffReport, ExplainReport, FormatReport,
    ListReport, Misplaced, ModuleView, Problem, RuleView, TemplateReport, TestCase, TestReport,
    TraceView, check, compile, compiled, diff, explain, fmt_check, list, rules_in_force, test,
    write_template,
};
pub use self::source::{Origin, Sources, load, load_program};

pub(crate) use self::activation::{ActivationRuling, judge_activation};
pub(crate) use self::agreement::{Agreement, Agreements, Said, counts, everybody};
pub(crate) use self::deed::{By, Deed, PushFacts};
pub(crate) use self::enforce::{admit, append, checkpoint, event_deed, publish};
pub(crate) use self::law::{Law, Ruling};
pub(crate) use self::source::read_program;
pub(crate) use self::spent::{moved_to, recorded};
