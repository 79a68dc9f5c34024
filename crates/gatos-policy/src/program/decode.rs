//! From bytes to compiled rules, which are checked and compiled for the engine again.
//!
//= spec/policy.md#rgc

use gatos_core::cbor::{self, DecodeError, FieldError, Fields};
use gatos_core::value::Value;

use super::compile::{is_module_name, link};
use super::{Block, ENGINE, Effect, Program, Rule, Text};
use crate::annotation::{Scope, Severity, is_id, is_text, parse_intents};
use crate::check::{MAX_MODULES, MAX_RULES};
use crate::diagnostic::Diagnostics;
use crate::engine::Machine;

/// Largest block of compiled rules, in bytes.
const MAX_RGC_BYTES: usize = 4 << 20;

/// Why a block is not compiled rules that this program can run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RgcError {
    /// Too many bytes
    #[error("compiled rules have {found} bytes, more than the {MAX_RGC_BYTES} allowed")]
    Size {
        /// Bytes
        found: usize,
    },
    /// Not strict DAG-CBOR
    #[error("compiled rules are not strict DAG-CBOR")]
    Encoding(#[source] DecodeError),
    /// A field that is missing, unknown or wrong
    #[error("compiled rules are not as docs/spec/policy.md says")]
    Field(#[source] FieldError),
    /// Compiled for an engine that this program does not have
    #[error("the rules are for the engine `{found}`; this program has `{ENGINE}`")]
    Engine {
        /// The engine that the rules are for
        found: String,
    },
    /// The texts break the profile
    #[error("the text of the compiled rules breaks the profile")]
    Profile(#[source] Diagnostics),
    /// Rules and texts do not belong together, or the block is not the one that they have
    #[error("the compiled rules are not what compiling their text gives")]
    NotCanonical,
}

impl RgcError {
    /// Whether the rules may be fine, and it is this program that cannot read them.
    #[must_use]
    pub const fn is_other_engine(&self) -> bool {
        matches!(self, Self::Engine { .. })
    }
}

impl From<FieldError> for RgcError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl Program {
    /// Read compiled rules back: exactly the bytes that [`to_rgc`](Self::to_rgc) gives.
    ///
    /// # Errors
    /// Anything else; rules of another engine are told apart from damage.
    pub fn from_rgc(bytes: &[u8]) -> Result<Self, RgcError> {
        if bytes.len() > MAX_RGC_BYTES {
            return Err(RgcError::Size { found: bytes.len() });
        }
        let value = cbor::decode(bytes).map_err(RgcError::Encoding)?;
        if is_old_form(&value) {
            return Ok(Self {
                block: Block::of(bytes.to_vec()),
                ..Self::empty()
            });
        }
        let mut fields = Fields::of("compiled rules", value)?;
        let version = fields.integer("v")?;
        let engine = fields.text("engine")?;
        if version != 1 || engine != ENGINE {
            return Err(RgcError::Engine { found: engine });
        }
        let modules = fields.list("modules")?;
        let rules = fields.list("rules")?;
        let too_many = modules.len() > MAX_MODULES || rules.len() > MAX_RULES;
        fields.finish()?;
        if too_many {
            return Err(RgcError::NotCanonical);
        }
        let modules: Result<Vec<_>, _> = modules.into_iter().map(text).collect();
        let rules: Result<Vec<_>, _> = rules.into_iter().map(rule).collect();
        let program = assemble(modules?, rules?)?;
        if program.to_rgc() == bytes {
            Ok(program)
        } else {
            Err(RgcError::NotCanonical)
        }
    }
}

/// The block of policies from before there were rules.
fn is_old_form(value: &Value) -> bool {
    *value == Value::map([("modules", Value::list([])), ("v", Value::Integer(1))])
}

fn assemble(texts: Vec<Text>, rules: Vec<Rule>) -> Result<Program, RgcError> {
    if texts.is_empty() && rules.is_empty() {
        return Ok(Program::assemble(texts, rules, Machine::default()));
    }
    let sorted = texts.is_sorted_by(|a, b| a.name < b.name);
    let named = texts
        .iter()
        .all(|text| is_module_name(&text.name) && !text.name.ends_with("_test.rgs"));
    if !sorted || !named || rules.is_empty() {
        return Err(RgcError::NotCanonical);
    }
    link(texts, rules).map_err(RgcError::Profile)
}

fn text(value: Value) -> Result<Text, FieldError> {
    let mut fields = Fields::of("module of compiled rules", value)?;
    let text = Text {
        name: fields.text("name")?,
        text: fields.text("text")?,
    };
    fields.finish()?;
    Ok(text)
}

fn rule(value: Value) -> Result<Rule, FieldError> {
    let mut fields = Fields::of("compiled rule", value)?;
    let id = fields.text("id")?;
    if !is_id(&id) {
        return Err(fields.content("id", "the id of a rule"));
    }
    let mut words = |field| {
        let text = fields.text(field)?;
        match is_text(&text) {
            true => Ok(text),
            false => Err(fields.content(field, "a text of up to 400 visible characters")),
        }
    };
    let (title, adr, message) = (words("title")?, words("adr")?, words("message")?);
    let severity = Severity::parse(&fields.text("severity")?);
    let severity = severity.ok_or_else(|| fields.content("severity", "`error` or `warning`"))?;
    let effect = Effect::parse(&fields.text("effect")?);
    let effect = effect.ok_or_else(|| fields.content("effect", "`allow` or `deny`"))?;
    let intents = fields.list("intents")?;
    let names: Option<Vec<String>> = intents
        .into_iter()
        .map(|name| match name {
            Value::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    let intents = names.and_then(|names| parse_intents(&names.join(",")));
    let intents = intents.ok_or_else(|| fields.content("intents", "a list of intents"))?;
    let scope = match fields.value("scope")? {
        Value::Null => Some(Scope::Everything),
        Value::Text(text) => Scope::parse(&text),
        _ => None,
    };
    let scope = scope.ok_or_else(|| fields.content("scope", "a scope or null"))?;
    let module = fields.text("module")?;
    fields.finish()?;
    Ok(Rule {
        id,
        title,
        adr,
        message,
        severity,
        effect,
        intents,
        scope,
        module,
    })
}
