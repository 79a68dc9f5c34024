//! Compiled rules: what a policy bundle names as its code. `docs/spec/policy.md#rgc`.

mod compile;
mod decode;
mod difference;
mod encode;
mod entry;

use gatos_core::cid::Cid;
use gatos_core::id::PolicyCodeRoot;

use crate::annotation::{Scope, Severity};
use crate::engine::Machine;
use crate::intent::{Intent, Intents};

pub use self::compile::compile;
pub(crate) use self::compile::engine_sources;
pub use self::decode::RgcError;
pub use self::difference::{Change, differences};
pub(crate) use self::entry::{entry, single_entry};

/// The language and the engine that gives it its meaning; another one is refused.
pub const ENGINE: &str = "rgs/1+regorus.0.14";

/// Whether a rule lets something happen, or forbids it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// It lets it happen, if nothing forbids it
    Allow,
    /// It forbids it, whatever lets it
    Deny,
}

impl Effect {
    /// The effect as text: the name that its rules have.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny]
            .into_iter()
            .find(|effect| effect.as_str() == text)
    }
}

/// A rule that decides, as its metadata describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// What it is called in decisions
    pub id: String,
    /// What it is about, in one line
    pub title: String,
    /// The decision record that it carries out
    pub adr: String,
    /// What somebody is told who does not meet it
    pub message: String,
    /// What follows if it finds something
    pub severity: Severity,
    /// Whether it allows or denies
    pub effect: Effect,
    /// The intents that it is about
    pub intents: Intents,
    /// The subjects that it is about
    pub scope: Scope,
    /// The module that has it
    pub module: String,
}

/// A module in its normalised form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The rules of a policy, compiled.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) modules: Vec<Text>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) machine: Machine,
    block: Block,
}

/// The bytes of a program and their id, which every decision names.
#[derive(Clone, Debug)]
struct Block {
    bytes: Vec<u8>,
    root: PolicyCodeRoot,
}

impl Block {
    fn of(bytes: Vec<u8>) -> Self {
        let root = Cid::of_dag_cbor(&bytes).into();
        Self { bytes, root }
    }
}

impl Program {
    /// The program of a policy that has no rules: the roles of trust alone say who may do what.
    #[must_use]
    pub fn empty() -> Self {
        Self::assemble(Vec::new(), Vec::new(), Machine::default())
    }

    /// Whether there are no rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules that decide, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a rule is about `intent`.
    #[must_use]
    pub fn governs(&self, intent: Intent) -> bool {
        self.rules.iter().any(|rule| rule.intents.has(intent))
    }

    /// The modules: their names and their texts without comments and layout.
    pub fn modules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.modules
            .iter()
            .map(|module| (module.name.as_str(), module.text.as_str()))
    }

    /// Number of instructions of the engine.
    #[must_use]
    pub fn instructions(&self) -> usize {
        self.machine.len()
    }

    /// The block that a policy bundle names: strict DAG-CBOR.
    #[must_use]
    pub fn to_rgc(&self) -> &[u8] {
        &self.block.bytes
    }

    /// The content id of that block.
    #[must_use]
    pub const fn root(&self) -> PolicyCodeRoot {
        self.block.root
    }

    /// A machine that runs each rule alone: slower to make, for those who ask why.
    pub(crate) fn singles(&self) -> Option<Machine> {
        compile::singles(&self.modules, &self.rules)
    }

    fn assemble(modules: Vec<Text>, rules: Vec<Rule>, machine: Machine) -> Self {
        let block = Block::of(encode::encode(&modules, &rules));
        Self {
            modules,
            rules,
            machine,
            block,
        }
    }
}
