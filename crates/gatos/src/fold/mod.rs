//! The operations of folds and states: compile, run, show, compare, prove.

mod again;
mod checkpoints;
mod compile;
mod diff;
mod engine;
mod growth;
mod point;
mod prove;
mod rehearse;
mod run;
mod show;
mod start;
mod terms;
#[cfg(test)]
mod tests;

use gatos_core::fold::STATE_REF_PREFIX;
use gatos_core::name::StateName;
use gatos_git::RefName;

use crate::error::Error;
use crate::repository::ledger::ref_name;

pub use self::again::{again, request_of};
pub(crate) use self::compile::compile_source;
pub use self::compile::{
    CompileReport, ErrorExplanation, compile, explain, lint, listing, program_json,
};
pub use self::diff::{DiffReport, DifferenceView, PointView, SideView, diff};
pub(crate) use self::engine::{Course, Stop, Stops, fold_batches, read_program};
pub use self::growth::{GrownTree, Growth};
pub use self::point::{At, OpenState, Point, PointError, open};
pub use self::prove::{FoldClaim, StateProofReport, check_proof, prove};
pub(crate) use self::rehearse::rehearse;
pub use self::run::{FoldReport, ProgramSource, Request, run};
pub(crate) use self::show::read_proof;
pub use self::show::{Checkpoint, StateView, load, read_checkpoint, show, states};
pub use gatos_core::echolua::{DEFINITIONS, Diagnostic, Diagnostics};

/// The ref of a state.
pub(crate) fn state_ref(name: &StateName) -> Result<RefName, Error> {
    ref_name(&format!("{STATE_REF_PREFIX}{name}"))
}
