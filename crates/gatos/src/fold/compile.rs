//! Compiling fold programs, and what can be said against them.

use gatos_core::echolua::{Compiled, Diagnostic, Explanation, Program, explanation};

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
    let program = compile_source(source, name)?.program;
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

/// A compiled program as EchoLua, with names made up from places; it compiles to the same id.
///
/// # Errors
/// Bytes that are no compiled program.
pub fn listing(elc: &[u8]) -> Result<String, Error> {
    Ok(read(elc)?.listing())
}

/// A compiled program as JSON: what its id is the hash of.
///
/// # Errors
/// Bytes that are no compiled program.
pub fn program_json(elc: &[u8]) -> Result<String, Error> {
    read(elc)?;
    let value = gatos_core::cbor::decode(elc).or_mismatch(what)?;
    Ok(gatos_core::json::to_string_pretty(&value))
}

fn read(elc: &[u8]) -> Result<Program, Error> {
    Program::from_elc(elc).or_mismatch(what)
}

fn what() -> String {
    "this is no compiled fold program".to_owned()
}

/// What can be said about an error of EchoLua, by its number.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ErrorExplanation {
    /// The number, as `E0111`
    pub code: &'static str,
    /// Its name
    pub name: &'static str,
    /// Markdown, with an example at its end
    pub text: &'static str,
}

/// The explanation of the error that `code` names, as `E0111` or `111`.
///
/// # Errors
/// There is no such error.
pub fn explain(code: &str) -> Result<ErrorExplanation, Error> {
    match explanation(code) {
        Some(Explanation { code, name, text }) => Ok(ErrorExplanation { code, name, text }),
        None => {
            let message = format!("there is no error `{code}` of EchoLua");
            Err(Error::new(ErrorKind::Usage, message)
                .with_hint("their numbers are in docs/spec/echolua.md#errors, as E0111"))
        }
    }
}

/// Compile a program, which `name` is the file of.
///
/// # Errors
/// A program that is not EchoLua; the message has each reason with its place.
pub(crate) fn compile_source(source: &str, name: &str) -> Result<Compiled, Error> {
    match Program::compile(source, name) {
        Ok(compiled) => Ok(compiled),
        Err(diagnostics) => {
            let message = format!("`{name}` is not EchoLua\n{diagnostics}");
            Err(Error::new(ErrorKind::Usage, message.trim_end())
                .with_hint("docs/spec/echolua.md describes the language"))
        }
    }
}
