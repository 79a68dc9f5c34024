//! Compiled rules, ready to run.

use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::rvm::program::Program;
use regorus::rvm::vm::VmError;
use regorus::{Engine, Value};

use super::builtins::implementation;
use super::{LIBRARY, LIBRARY_NAME, Limits};

/// A text for the engine.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Why a run gave nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// It took more instructions than it may
    Limit,
    /// A rule failed
    Error,
}

/// Rules that were compiled.
#[derive(Clone)]
pub(crate) struct Machine {
    program: Arc<Program>,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.program.instructions.len();
        write!(f, "Machine({count} instructions)")
    }
}

impl Machine {
    /// Compile `sources` with the library; `entries` are the rules that can be run.
    ///
    /// # Errors
    /// The engine's message, which [`located`](super::located) reads.
    pub(crate) fn compile(sources: &[Source], entries: &[String]) -> Result<Self, String> {
        let Some(first) = entries.first() else {
            return Ok(Self {
                program: Arc::new(Program::new()),
            });
        };
        let mut engine = Engine::new();
        let library = (LIBRARY_NAME, LIBRARY);
        let all = sources
            .iter()
            .map(|source| (source.name.as_str(), source.text.as_str()))
            .chain([library]);
        for (name, text) in all {
            engine
                .add_policy(name.to_owned(), text.to_owned())
                .map_err(|error| error.to_string())?;
        }
        let policy = engine
            .compile_with_entrypoint(&first.as_str().into())
            .map_err(|error| error.to_string())?;
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let program =
            Compiler::compile_from_policy(&policy, &entries).map_err(|error| error.to_string())?;
        let mut program = Arc::unwrap_or_clone(program);
        let names = program.builtin_info_table.iter();
        let resolved: Result<Vec<_>, String> = names
            .map(|info| {
                let absent =
                    || format!("error: the function `{}` is not in the profile", info.name);
                implementation(&info.name).ok_or_else(absent)
            })
            .collect();
        program.resolved_builtins = resolved?;
        Ok(Self {
            program: Arc::new(program),
        })
    }

    /// Run the rule `entry` on `input`.
    pub(crate) fn run(&self, entry: &str, input: Value, limits: Limits) -> Result<Value, Failure> {
        let mut machine = RegoVM::new();
        machine.load_program(Arc::clone(&self.program));
        machine.set_strict_builtin_errors(true);
        machine.set_max_instructions(usize::try_from(limits.instructions).unwrap_or(usize::MAX));
        machine.set_input(input);
        machine
            .execute_entry_point_by_name(entry)
            .map_err(|error| match error {
                VmError::InstructionLimitExceeded { .. } => Failure::Limit,
                _ => Failure::Error,
            })
    }

    /// How many instructions the rules have.
    pub(crate) fn len(&self) -> usize {
        self.program.instructions.len()
    }
}

impl Default for Machine {
    /// A machine of no rules, which nothing is run on.
    fn default() -> Self {
        Self {
            program: Arc::new(Program::new()),
        }
    }
}
