//! What a reproduction found: a verdict that cannot contradict its own findings.

mod coherence;
mod difference;

use crate::cbor::{FieldError, Fields};
use crate::cid::Cid;
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId, StatementId};
use crate::job::{Environment, Isolation, NarDigest, Program};
use crate::name::{ActorName, ItemName};
use crate::statement::{Position, Statement};
use crate::ulid::Ulid;
use crate::value::Value;

pub use self::coherence::IncoherentError;
pub use self::difference::Difference;

/// What stands before a reproduction's identifier in its ref.
pub const REPRODUCTION_REF_PREFIX: &str = "refs/gatos/audit/proofs/reproductions/";

/// The result of a reproduction, in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The same program gave the same outputs, bit for bit
    Identical,
    /// Another program gave the same outputs, bit for bit
    IdenticalFromAnotherProgram,
    /// An output differs
    Diverged,
    /// Something that the reproduction needs could not be had
    Blocked,
    /// An input differs, so that comparing outputs would say nothing
    InputsDiffer,
}

impl Verdict {
    const ALL: [Self; 5] = [
        Self::Identical,
        Self::IdenticalFromAnotherProgram,
        Self::Diverged,
        Self::Blocked,
        Self::InputsDiffer,
    ];

    /// The verdict as statements have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::IdenticalFromAnotherProgram => "identical-from-another-program",
            Self::Diverged => "diverged",
            Self::Blocked => "blocked",
            Self::InputsDiffer => "inputs-differ",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verdict| verdict.as_str() == text)
    }
}

/// One input or output: as it was recorded, and as it was found now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comparison {
    /// Its name in the job
    pub name: ItemName,
    /// As recorded
    pub expected: NarDigest,
    /// As found; none if there was nothing to look at
    pub actual: Option<NarDigest>,
}

impl Comparison {
    /// Whether the bytes are those recorded.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        self.actual == Some(self.expected)
    }
}

/// A store object that the target needed, and why its bytes were believed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dependency {
    /// Base name of its store path
    pub path: String,
    /// Its bytes, as hashed here
    pub nar: NarDigest,
    /// `source` (its name is a hash of its bytes), `built`, `local store`, or a cache and the keys that signed
    pub vouched_by: String,
}

/// A reproduction of an experiment, signed whether it succeeded or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reproduction {
    /// The repository of the experiment
    pub repo: RepoId,
    /// Where in the reproduction's ref it stands
    pub position: Position,
    /// The reproduction's identifier
    pub ulid: Ulid,
    /// The experiment
    pub experiment: StatementId,
    /// The result
    pub verdict: Verdict,
    /// The program that was built now
    pub program: Program,
    /// The program that was recorded
    pub expected_program: Program,
    /// Every input
    pub inputs: Vec<Comparison>,
    /// Every output
    pub outputs: Vec<Comparison>,
    /// Everything else that the build used
    pub dependencies: Vec<Dependency>,
    /// Where the outputs first differ
    pub difference: Option<Difference>,
    /// What could not be had
    pub blocked_by: Option<String>,
    /// How the build was isolated
    pub isolation: Isolation,
    /// On what it was built
    pub environment: Environment,
    /// Everything that the build printed, as a raw block; none if nothing was built
    pub log: Option<Cid>,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// Who reproduced
    pub actor: ActorName,
}

impl Statement for Reproduction {
    const KIND: Kind = Kind::Reproduction;

    fn to_value(&self) -> Value {
        let text_or_null = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        let entries = [
            ("repo", self.repo.into()),
            ("ulid", Value::text(self.ulid.to_string())),
            ("experiment", self.experiment.into()),
            ("verdict", Value::text(self.verdict.as_str())),
            ("program", self.program.to_value()),
            ("expected_program", self.expected_program.to_value()),
            (
                "inputs",
                Value::list(self.inputs.iter().map(Comparison::to_value)),
            ),
            (
                "outputs",
                Value::list(self.outputs.iter().map(Comparison::to_value)),
            ),
            (
                "dependencies",
                Value::list(self.dependencies.iter().map(Dependency::to_value)),
            ),
            (
                "difference",
                self.difference
                    .as_ref()
                    .map_or(Value::Null, Difference::to_value),
            ),
            ("blocked_by", text_or_null(&self.blocked_by)),
            ("isolation", self.isolation.to_value()),
            ("environment", self.environment.to_value()),
            ("log", self.log.map_or(Value::Null, Value::from)),
            ("policy_root", self.policy_root.into()),
            ("actor", Value::text(self.actor.as_str())),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("reproduction", value)?;
        let verdict = Verdict::parse(&fields.text("verdict")?)
            .ok_or_else(|| fields.content("verdict", "a known verdict"))?;
        let dependencies = fields
            .list("dependencies")?
            .into_iter()
            .map(Dependency::from_value);
        let reproduction = Self {
            verdict,
            dependencies: dependencies.collect::<Result<_, _>>()?,
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            ulid: fields.parsed("ulid", "a ULID")?,
            experiment: fields.link("experiment")?.into(),
            program: Program::from_value(fields.value("program")?)?,
            expected_program: Program::from_value(fields.value("expected_program")?)?,
            inputs: comparisons(fields.list("inputs")?)?,
            outputs: comparisons(fields.list("outputs")?)?,
            difference: match fields.value("difference")? {
                Value::Null => None,
                value => Some(Difference::from_value(value)?),
            },
            blocked_by: match fields.value("blocked_by")? {
                Value::Null => None,
                Value::Text(text) => Some(text),
                _ => return Err(fields.content("blocked_by", "a text or null")),
            },
            isolation: Isolation::from_value(fields.value("isolation")?)?,
            environment: Environment::from_value(fields.value("environment")?)?,
            log: fields.nullable_link("log")?,
            policy_root: fields.link("policy_root")?.into(),
            actor: fields.parsed("actor", "a name")?,
        };
        if reproduction.check_coherence().is_err() {
            return Err(fields.content("verdict", "what the findings say"));
        }
        fields.finish()?;
        Ok(reproduction)
    }
}

fn comparisons(items: Vec<Value>) -> Result<Vec<Comparison>, FieldError> {
    items.into_iter().map(Comparison::from_value).collect()
}

impl Comparison {
    fn to_value(&self) -> Value {
        Value::map([
            ("name", Value::text(self.name.as_str())),
            ("expected", self.expected.to_value()),
            (
                "actual",
                self.actual
                    .as_ref()
                    .map_or(Value::Null, NarDigest::to_value),
            ),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("comparison", value)?;
        let comparison = Self {
            name: fields.parsed("name", "a name")?,
            expected: NarDigest::from_value(fields.value("expected")?)?,
            actual: match fields.value("actual")? {
                Value::Null => None,
                value => Some(NarDigest::from_value(value)?),
            },
        };
        fields.finish()?;
        Ok(comparison)
    }
}

impl Dependency {
    fn to_value(&self) -> Value {
        Value::map([
            ("path", Value::text(&self.path)),
            ("nar", self.nar.to_value()),
            ("vouched_by", Value::text(&self.vouched_by)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("dependency", value)?;
        let dependency = Self {
            path: fields.text("path")?,
            nar: NarDigest::from_value(fields.value("nar")?)?,
            vouched_by: fields.text("vouched_by")?,
        };
        fields.finish()?;
        Ok(dependency)
    }
}
