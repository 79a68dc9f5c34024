//! From `.rgs` to a decision that can be replayed: the rules of a repository, in a stated profile of
//! Rego v1. `docs/spec/policy.md`.
//!
//! Rules and input go in, a [`Decision`] comes out; the same bytes for the same bytes, on every
//! machine. Nothing here reads a file, a clock, the environment or a random source.
//!
//! ```
//! use gatos_core::value::Value;
//! use gatos_policy::{Input, Intent, Limits, Module, Verdict, compile, decide};
//!
//! let text = r#"package rules
//!
//! ## METADATA
//! ## title: Whoever may append, appends
//! ## custom:
//! ##   id: append-role
//! ##   adr: docs/adr/0001-roles.md
//! ##   severity: error
//! ##   intent: event.append
//! ##   message: the actor lacks the role append
//! allow if "append" in input.actor.roles
//! "#;
//! let program = compile(&[Module::new("rules.rgs", text)])?;
//! let input = Input::with_defaults(Intent::EventAppend, [("journal", Value::text("main"))])?;
//! let decision = decide(&program, &input, Limits::DEFAULT);
//! assert_eq!(decision.verdict, Verdict::Deny);
//! assert_eq!(decision.reasons[0].rule, "append-role");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::float_arithmetic,
        clippy::iter_over_hash_type,
        clippy::host_endian_bytes,
    )
)]

mod annotation;
mod check;
mod decision;
mod diagnostic;
mod engine;
mod format;
mod input;
mod intent;
mod module;
mod program;
mod suite;
mod template;

pub use self::annotation::{Scope, Severity};
pub use self::decision::{
    Basis, Decision, Missing, Reason, RuleOutcome, RuleTrace, Verdict, decide, trace,
};
pub use self::diagnostic::{Diagnostic, Diagnostics, Place};
pub use self::engine::Limits;
pub use self::format::formatted;
pub use self::input::{Input, InputError};
pub use self::intent::{Intent, Intents};
pub use self::module::Module;
pub use self::program::{Change, ENGINE, Effect, Program, RgcError, Rule, compile, differences};
pub use self::suite::{CaseReport, Coverage, Outcome, SuiteReport, run_suite};
pub use self::template::{TEMPLATES, Template};
