//! Policies and inputs for tests, in few words.

use gatos_core::json;
use gatos_core::value::Value;
use gatos_policy::{Diagnostics, Input, Intent, Module, Program, compile};

/// The metadata of a rule.
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    pub(crate) severity: &'a str,
    pub(crate) intent: &'a str,
    pub(crate) scope: Option<&'a str>,
}

impl<'a> Rule<'a> {
    pub(crate) fn new(id: &'a str, intent: &'a str) -> Self {
        Self {
            id,
            severity: "error",
            intent,
            scope: None,
        }
    }

    pub(crate) fn scoped(self, scope: &'a str) -> Self {
        let scope = Some(scope);
        Self { scope, ..self }
    }

    pub(crate) fn warning(self) -> Self {
        let severity = "warning";
        Self { severity, ..self }
    }

    /// The rule with its metadata.
    pub(crate) fn text(&self, rule: &str) -> String {
        let scope = self.scope.map(|scope| format!("#   scope: {scope}\n"));
        format!(
            "\n# METADATA\n# title: The rule {id}\n# custom:\n#   id: {id}\n#   adr: docs/adr/{id}.md\n\
             #   severity: {severity}\n#   intent: \"{intent}\"\n{scope}#   message: {id} speaks\n{rule}\n",
            id = self.id,
            severity = self.severity,
            intent = self.intent,
            scope = scope.unwrap_or_default(),
        )
    }
}

/// A module of these parts.
pub(crate) fn module(parts: &[String]) -> Module {
    Module::new("rules.rgs", format!("package rules\n{}", parts.concat()))
}

/// A policy of these parts, which must compile.
pub(crate) fn policy(parts: &[String]) -> Program {
    compile(&[module(parts)]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// What is wrong with a policy that must not compile.
pub(crate) fn refused(text: &str) -> Diagnostics {
    match compile(&[Module::new("rules.rgs", text)]) {
        Err(diagnostics) => diagnostics,
        Ok(_) => panic!("this compiles:\n{text}"),
    }
}

/// An input of these fields as JSON; what is not given is neutral.
pub(crate) fn input(intent: Intent, fields: &str) -> Input {
    let Ok(Value::Map(map)) = json::from_str(fields) else {
        panic!("no JSON map: {fields}");
    };
    let fields = map
        .iter()
        .map(|(key, value)| (key.to_owned(), value.clone()));
    Input::with_defaults(intent, fields).unwrap_or_else(|error| panic!("{error}: {map:?}"))
}

/// Where choices come from.
pub(crate) enum Dice {
    /// A sequence of numbers that looks random and is the same for the same seed
    Seed(u64),
    /// Bytes of somebody's, two for each choice; the first of each choice where they end
    Bytes(std::vec::IntoIter<u8>),
}

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let number = match self {
            Self::Seed(seed) => {
                *seed ^= *seed << 13;
                *seed ^= *seed >> 7;
                *seed ^= *seed << 17;
                *seed
            }
            Self::Bytes(bytes) => {
                let mut byte = || u64::from(bytes.next().unwrap_or(0));
                byte() << 8 | byte()
            }
        };
        number % bound
    }

    pub(crate) fn choose<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}
