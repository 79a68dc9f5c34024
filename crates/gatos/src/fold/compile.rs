//! Compiling fold programs, and what can be said against them.

use gatos_core::echolua::{Diagnostic, Program};

use crate::error::{Context, Error, ErrorKind};

/// A compiled program.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CompileReport {
    /// What it was compiled from
    pub source: String,
    /// Its id
    pub fold_root: String,
    /// Its size in bytes
    pub size: usize,
    /// Its bytes
    #[serde(skip)]
    pub elc: Vec<u8>,
}

/// Compile a program.
///
/// # Errors
/// A program that is not EchoLua; the message has each reason with its place.
pub fn compile(source: &str, name: &str) -> Result<CompileReport, Error> {
    let program = compile_program(source, name)?;
    let elc = program.to_elc();
    let fold_root = program.root().to_string();
    Ok(CompileReport {
        source: name.to_owned(),
        fold_root,
        size: elc.len(),
        elc,
    })
}

/// Everything that can be said against a program; nothing for one that compiles.
#[must_use]
pub fn lint(source: &str, name: &str) -> Vec<Diagnostic> {
    match Program::compile(source, name) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.list,
    }
}

/// A compiled program as JSON, for people.
///
/// # Errors
/// Bytes that are no compiled program.
pub fn explain(elc: &[u8]) -> Result<String, Error> {
    let what = || "this is no compiled fold program".to_owned();
    Program::from_elc(elc).or_mismatch(what)?;
    let value = gatos_core::cbor::decode(elc).or_mismatch(what)?;
    Ok(gatos_core::json::to_string_pretty(&value))
}

pub(crate) fn compile_program(source: &str, name: &str) -> Result<Program, Error> {
    match Program::compile(source, name) {
        Ok(compiled) => Ok(compiled.program),
        Err(diagnostics) => {
            let message = format!("`{name}` is not EchoLua\n{diagnostics}");
            Err(Error::new(ErrorKind::Usage, message.trim_end())
                .with_hint("docs/spec/echolua.md describes the language"))
        }
    }
}
