//! A compiled program: its bytes, their name, and what the machine runs.

use std::sync::Arc;

use super::check::check;
use super::diagnostic::{Diagnostics, Located, Rule, Span};
use super::error::ElcError;
use super::listing::list;
use super::lower::lower;
use super::machine::code::Code;
use super::parser::parse;
use super::source_map::SourceMap;
use super::unit::Unit;
use super::{decode, encode};
use crate::cid::Cid;

/// A program that can be run.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) unit: Arc<Unit>,
    pub(super) code: Arc<Code>,
    elc: Arc<[u8]>,
    root: Cid,
}

/// A program and where its parts stand in the source.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What is run and hashed
    pub program: Program,
    /// What locates errors in the source; no part of the program
    pub source_map: SourceMap,
}

impl Program {
    /// Compile a source text, which messages call `name`.
    ///
    /// # Errors
    /// Everything that is wrong with the source.
    pub fn compile(source: &str, name: &str) -> Result<Compiled, Diagnostics> {
        // One line end, so that neither parser nor positions depend on which it was.
        let source = &source.replace("\r\n", "\n");
        let located = Located { text: source };
        let fail = |list| Diagnostics {
            name: name.to_owned(),
            list,
        };
        let ast = parse(&located).map_err(fail)?;
        let checked = check(&located, &ast).map_err(fail)?;
        let capacity = |what: &str| {
            let message = format!("a function of the program is too large: {what}");
            let span = Span::default();
            fail(vec![located.diagnostic(
                Rule::CAPACITY,
                span,
                message,
                None,
            )])
        };
        let program = Self::assemble(checked.unit).map_err(|error| match error {
            ElcError::Capacity { what } => capacity(what),
            _ => capacity("bytes"),
        })?;
        Ok(Compiled {
            program,
            source_map: SourceMap::new(name, source, checked.offsets),
        })
    }

    /// Read a compiled program.
    ///
    /// # Errors
    /// Any bytes but those that [`to_elc`](Self::to_elc) gives.
    pub fn from_elc(bytes: &[u8]) -> Result<Self, ElcError> {
        Self::assemble(decode::decode(bytes)?)
    }

    fn assemble(unit: Unit) -> Result<Self, ElcError> {
        let code = lower(&unit).map_err(|error| ElcError::Capacity { what: error.what })?;
        let elc = encode::encode(&unit);
        Ok(Self {
            root: Cid::of_dag_cbor(&elc),
            unit: Arc::new(unit),
            code: Arc::new(code),
            elc: elc.into(),
        })
    }

    /// The program's one byte string, canonical DAG-CBOR.
    #[must_use]
    pub fn to_elc(&self) -> Vec<u8> {
        self.elc.to_vec()
    }

    /// The program as a text for people, which is EchoLua and compiles to the same bytes: names are
    /// made up from places, brackets are those that are needed. A constant that no source can write,
    /// being too large or too deep, is written all the same.
    #[must_use]
    pub fn listing(&self) -> String {
        list(self)
    }

    /// `fold_root`: the name of the program's bytes.
    #[must_use]
    pub const fn root(&self) -> Cid {
        self.root
    }
}
