//! The operations of folds: compile, run, show, verify.

mod compile;
mod engine;
mod run;
mod show;

use gatos_core::fold::STATE_REF_PREFIX;
use gatos_core::name::StateName;
use gatos_git::RefName;

use crate::error::Error;
use crate::repository::ledger::ref_name;

pub use self::compile::{CompileReport, compile, explain, lint};
pub(crate) use self::engine::{fold_batches, read_program};
pub use self::run::{FoldReport, ProgramSource, Request, run};
pub use self::show::{Checkpoint, StateView, load, read_checkpoint, show, states};
pub use gatos_core::echolua::{Diagnostic, Diagnostics};

/// The ref of a state.
pub(crate) fn state_ref(name: &StateName) -> Result<RefName, Error> {
    ref_name(&format!("{STATE_REF_PREFIX}{name}"))
}
