//! Proof-of-Experiment: inputs, program, policy and outputs, tied together in one signed statement.

use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{
    BuilderId, InputsRoot, OutputsRoot, PolicyCodeRoot, PolicyRoot, RepoId, StatementId,
};
use crate::job::Program;
use crate::name::{ActorName, ItemName, JournalName};
use crate::statement::{Position, Statement};
use crate::ulid::Ulid;
use crate::value::Value;

/// What stands before an experiment's identifier in its ref.
pub const EXPERIMENT_REF_PREFIX: &str = "refs/gatos/audit/proofs/experiments/";

/// What a Proof-of-Fold is to an experiment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FoldRole {
    /// Its state is the input of that name
    Input(ItemName),
    /// It folds the journal to which the results were appended
    Results,
}

/// A Proof-of-Fold that an experiment rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoldUse {
    /// What it is to the experiment
    pub role: FoldRole,
    /// The Proof-of-Fold
    pub proof: StatementId,
}

/// The events of a journal that the experiment's outputs became.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Results {
    /// The journal
    pub journal: JournalName,
    /// Index of the first of them
    pub first: u64,
    /// Their number
    pub count: u64,
}

/// The state of the study's files in Git when the experiment ran.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tree {
    /// Git had all of them
    Clean,
    /// Some were new or changed
    Dirty,
}

/// Where the study's files came from. A locator: the evidence is in the hashes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The Git commit, if there was one
    pub revision: Option<String>,
    /// Whether the files were those of the commit
    pub tree: Tree,
}

/// A Proof-of-Experiment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExperimentProof {
    /// The repository
    pub repo: RepoId,
    /// Where in the experiment's ref it stands
    pub position: Position,
    /// The experiment's identifier
    pub ulid: Ulid,
    /// The experiment's name
    pub name: ItemName,
    /// What went in
    pub inputs_root: InputsRoot,
    /// The program
    pub program: Program,
    /// The program without its data
    pub builder_id: BuilderId,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// Its compiled rules
    pub policy_code_root: PolicyCodeRoot,
    /// What came out
    pub outputs_root: OutputsRoot,
    /// The Proof-of-Execution
    pub execution: StatementId,
    /// The Proofs-of-Fold, inputs first
    pub folds: Vec<FoldUse>,
    /// The events that the outputs became
    pub results: Option<Results>,
    /// Where the files came from
    pub source: Source,
    /// Who publishes it
    pub actor: ActorName,
}

impl Statement for ExperimentProof {
    const KIND: Kind = Kind::ProofOfExperiment;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("ulid", Value::text(self.ulid.to_string())),
            ("name", Value::text(self.name.as_str())),
            ("inputs_root", self.inputs_root.into()),
            ("program", self.program.to_value()),
            ("builder_id", self.builder_id.into()),
            ("policy_root", self.policy_root.into()),
            ("policy_code_root", self.policy_code_root.into()),
            ("outputs_root", self.outputs_root.into()),
            ("execution", self.execution.into()),
            (
                "folds",
                Value::list(self.folds.iter().map(FoldUse::to_value)),
            ),
            (
                "results",
                self.results.as_ref().map_or(Value::Null, Results::to_value),
            ),
            ("source", self.source.to_value()),
            ("actor", Value::text(self.actor.as_str())),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("proof of experiment", value)?;
        let folds = fields.list("folds")?.into_iter().map(FoldUse::from_value);
        let proof = Self {
            folds: folds.collect::<Result<_, _>>()?,
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            ulid: fields.parsed("ulid", "a ULID")?,
            name: fields.parsed("name", "a name")?,
            inputs_root: fields.link("inputs_root")?.into(),
            program: Program::from_value(fields.value("program")?)?,
            builder_id: fields.link("builder_id")?.into(),
            policy_root: fields.link("policy_root")?.into(),
            policy_code_root: fields.link("policy_code_root")?.into(),
            outputs_root: fields.link("outputs_root")?.into(),
            execution: fields.link("execution")?.into(),
            results: match fields.value("results")? {
                Value::Null => None,
                value => Some(Results::from_value(value)?),
            },
            source: Source::from_value(fields.value("source")?)?,
            actor: fields.parsed("actor", "a name")?,
        };
        fields.finish()?;
        Ok(proof)
    }
}

impl FoldUse {
    fn to_value(&self) -> Value {
        let input = match &self.role {
            FoldRole::Input(name) => Value::text(name.as_str()),
            FoldRole::Results => Value::Null,
        };
        Value::map([("input", input), ("proof", self.proof.into())])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("fold of an experiment", value)?;
        let role = match fields.value("input")? {
            Value::Null => FoldRole::Results,
            Value::Text(name) => FoldRole::Input(
                name.parse()
                    .map_err(|_| fields.content("input", "a name"))?,
            ),
            _ => return Err(fields.content("input", "a name or null")),
        };
        let fold = Self {
            role,
            proof: fields.link("proof")?.into(),
        };
        fields.finish()?;
        Ok(fold)
    }
}

impl Results {
    fn to_value(&self) -> Value {
        Value::map([
            ("journal", Value::text(self.journal.as_str())),
            ("first", Value::count(self.first)),
            ("count", Value::count(self.count)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("results", value)?;
        let results = Self {
            journal: fields.parsed("journal", "a name")?,
            first: fields.count("first")?,
            count: fields.count("count")?,
        };
        fields.finish()?;
        Ok(results)
    }
}

impl Source {
    fn to_value(&self) -> Value {
        Value::map([
            (
                "revision",
                self.revision.as_ref().map_or(Value::Null, Value::text),
            ),
            ("dirty", Value::Bool(self.tree == Tree::Dirty)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("source", value)?;
        let revision = match fields.value("revision")? {
            Value::Null => None,
            Value::Text(text) => Some(text),
            _ => return Err(fields.content("revision", "a text or null")),
        };
        let tree = if fields.boolean("dirty")? {
            Tree::Dirty
        } else {
            Tree::Clean
        };
        fields.finish()?;
        Ok(Self { revision, tree })
    }
}
