//! EchoLua: a deterministic subset of Lua 5.4 that folds events into a state.
//! `docs/spec/echolua.md`.
//!
//! Source text is parsed, checked and resolved into a [`Program`], whose one byte string (ELC) is
//! what `fold_root` names. A [`Fold`] runs it: with exact numbers, exact fuel, exact memory, and
//! nothing that depends on the machine.
//!
//! ```
//! use gatos_core::echolua::{Fold, Limits, Program};
//! use gatos_core::json;
//!
//! let source = "function fold(state, event)
//!     state.sum = (state.sum or 0) + event.payload.mass
//!     return state
//! end";
//! let program = Program::compile(source, "sum.lua")?.program;
//! let mut fold = Fold::start(&program, Limits::default(), None)?;
//! fold.step(&json::from_str(r#"{"payload": {"mass": 0.1}}"#)?)?;
//! fold.step(&json::from_str(r#"{"payload": {"mass": 0.2}}"#)?)?;
//! assert_eq!(json::to_string(&fold.state()?), r#"{"sum":0.3}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod decode;
mod diagnostic;
mod encode;
mod error;
mod explain;
mod fold;
mod library;
mod listing;
mod lower;
mod machine;
mod number;
mod parser;
mod program;
mod scan;
mod source_map;
#[cfg(test)]
mod tests;
mod unit;

pub use self::decode::{MAX_ELC_BYTES, MAX_ELC_DEPTH};
pub use self::diagnostic::{Diagnostic, Diagnostics, Place, Rule, Span};
pub use self::error::{ElcError, Fault, FoldError, StateProblem};
pub use self::explain::{Explanation, explanation, explanations};
pub use self::fold::{Fold, StepReport};
pub use self::machine::Limits;
pub use self::program::{Compiled, Program};
pub use self::scan::{MAX_NESTING, MAX_SOURCE_BYTES};
pub use self::source_map::SourceMap;

/// The library as a definition file of lua-language-server, so that editors know it.
pub const DEFINITIONS: &str = include_str!("definitions.lua");

/// The language of a program, which its bytes name.
pub const LANGUAGE: &str = "echolua/1";

/// The engine: language, semantics and fuel schedule. Proofs name it; results of another engine
/// cannot be checked by this one.
pub const ENGINE: &str = "echolua/1+fuel.1";
