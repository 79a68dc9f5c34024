//! Running a program over events.

use std::sync::Arc;

use super::error::{Fault, FoldError};
use super::machine::{Limits, Machine, Val, export, nowhere};
use super::program::Program;
use crate::value::Value;

/// What one event cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StepReport {
    /// Fuel burnt
    pub fuel: u64,
}

/// A state and the program that changes it, event by event.
///
/// An error ends the fold: what was reached before it is not a state.
#[derive(Debug)]
pub struct Fold {
    machine: Machine,
    program: Program,
    /// Absent once the fold has ended with an error
    state: Option<Val>,
}

impl Fold {
    /// Begin with `state`, or else with what `initial()` returns, or else with an empty map.
    ///
    /// # Errors
    /// Whatever `initial()` ends with.
    pub fn start(
        program: &Program,
        limits: Limits,
        state: Option<&Value>,
    ) -> Result<Self, FoldError> {
        let mut machine = Machine::new(Arc::clone(&program.code), limits);
        machine.begin()?;
        let state = match (state, program.unit.initial) {
            (Some(value), _) => machine.import(value)?,
            (None, Some(initial)) => machine.call_top(initial, [])?,
            (None, None) => machine.empty_map()?,
        };
        let state = machine.end(state)?;
        Ok(Self {
            machine,
            program: program.clone(),
            state: Some(state),
        })
    }

    /// Fold one event into the state.
    ///
    /// # Errors
    /// Whatever ended the program; the fold cannot go on after it.
    pub fn step(&mut self, event: &Value) -> Result<StepReport, FoldError> {
        self.fold(|machine| machine.import(event))
    }

    /// As [`step`](Self::step), with the event as the bytes that encode it, which become values of
    /// the machine without another form between.
    ///
    /// # Errors
    /// As for [`step`](Self::step), or bytes that are no strict DAG-CBOR.
    pub fn step_encoded(&mut self, event: &[u8]) -> Result<StepReport, FoldError> {
        self.fold(|machine| machine.import_encoded(event))
    }

    fn fold(
        &mut self,
        import: impl FnOnce(&mut Machine) -> Result<Val, FoldError>,
    ) -> Result<StepReport, FoldError> {
        let state = self.state.take().ok_or(nowhere(Fault::Ended))?;
        self.machine.begin()?;
        let event = import(&mut self.machine)?;
        let arguments = [state, event.clone()];
        let state = self.machine.call_top(self.program.unit.fold, arguments)?;
        self.machine.retire(event);
        self.state = Some(self.machine.end(state)?);
        Ok(StepReport {
            fuel: self.machine.burnt(),
        })
    }

    /// The state as it is now.
    ///
    /// # Errors
    /// The fold has ended with an error before.
    pub fn state(&self) -> Result<Value, FoldError> {
        match &self.state {
            Some(state) => export(state, "state"),
            None => Err(nowhere(Fault::Ended)),
        }
    }
}
