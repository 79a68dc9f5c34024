//! Proof-of-Execution: a job was run, and this is what came of it.

use super::{Environment, Isolation};
use crate::cbor::{FieldError, Fields};
use crate::cid::Cid;
use crate::envelope::Kind;
use crate::id::{
    BuilderId, InputsRoot, OutputsRoot, PolicyCodeRoot, PolicyRoot, RepoId, StatementId,
};
use crate::name::ActorName;
use crate::statement::{Position, Statement};
use crate::ulid::Ulid;
use crate::value::Value;

/// What stands before a job's identifier in the ref of its proofs.
pub const JOB_REF_PREFIX: &str = "refs/gatos/audit/jobs/";

/// A program: a Nix derivation, by name and by bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// `nix:<store hash>-<name>.drv`
    pub id: String,
    /// SHA-256 of the derivation's text
    pub sha256: [u8; 32],
}

impl Program {
    /// The value that stands in a proof.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map([
            ("id", Value::text(&self.id)),
            ("sha256", Value::bytes(self.sha256.to_vec())),
        ])
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("program", value)?;
        let program = Self {
            id: fields.text("id")?,
            sha256: fields.array("sha256")?,
        };
        if !program.id.starts_with("nix:") || !program.id.ends_with(".drv") {
            return Err(fields.content("id", "of the form `nix:<hash>-<name>.drv`"));
        }
        fields.finish()?;
        Ok(program)
    }
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It left its outputs
    Succeeded,
    /// Its program ended with an error
    Failed,
    /// It took longer than it may
    TimedOut,
    /// Somebody ended it
    Cancelled,
}

impl Outcome {
    const ALL: [Self; 4] = [
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
    ];

    /// The outcome as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// A Proof-of-Execution, of a success or of a failure alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExecutionProof {
    /// The repository
    pub repo: RepoId,
    /// Where in the job's ref it stands
    pub position: Position,
    /// The job
    pub job: Ulid,
    /// The claim under which it ran, where workers compete for jobs
    pub claim: Option<StatementId>,
    /// What went in
    pub inputs_root: InputsRoot,
    /// The program
    pub program: Program,
    /// The program without its data
    pub builder_id: BuilderId,
    /// What came out; none unless it succeeded
    pub outputs_root: Option<OutputsRoot>,
    /// How it ended
    pub outcome: Outcome,
    /// Everything that it printed, as a raw block
    pub log: Cid,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// Its compiled rules
    pub policy_code_root: PolicyCodeRoot,
    /// How it was isolated, as asserted from inside
    pub isolation: Isolation,
    /// On what it ran
    pub environment: Environment,
    /// Who ran it
    pub actor: ActorName,
}

impl Statement for ExecutionProof {
    const KIND: Kind = Kind::ProofOfExecution;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("job", Value::text(self.job.to_string())),
            ("claim", self.claim.map_or(Value::Null, Value::from)),
            ("inputs_root", self.inputs_root.into()),
            ("program", self.program.to_value()),
            ("builder_id", self.builder_id.into()),
            (
                "outputs_root",
                self.outputs_root.map_or(Value::Null, Value::from),
            ),
            ("outcome", Value::text(self.outcome.as_str())),
            ("log", self.log.into()),
            ("policy_root", self.policy_root.into()),
            ("policy_code_root", self.policy_code_root.into()),
            ("isolation", self.isolation.to_value()),
            ("environment", self.environment.to_value()),
            ("actor", Value::text(self.actor.as_str())),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("proof of execution", value)?;
        let outcome = Outcome::parse(&fields.text("outcome")?)
            .ok_or_else(|| fields.content("outcome", "a known outcome"))?;
        let outputs_root = fields.nullable_link("outputs_root")?.map(OutputsRoot::from);
        if outputs_root.is_some() != (outcome == Outcome::Succeeded) {
            return Err(fields.content("outputs_root", "there exactly when the job succeeded"));
        }
        let proof = Self {
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            job: fields.parsed("job", "a ULID")?,
            claim: fields.nullable_link("claim")?.map(StatementId::from),
            inputs_root: fields.link("inputs_root")?.into(),
            program: Program::from_value(fields.value("program")?)?,
            builder_id: fields.link("builder_id")?.into(),
            outputs_root,
            outcome,
            log: fields.link("log")?,
            policy_root: fields.link("policy_root")?.into(),
            policy_code_root: fields.link("policy_code_root")?.into(),
            isolation: Isolation::from_value(fields.value("isolation")?)?,
            environment: Environment::from_value(fields.value("environment")?)?,
            actor: fields.parsed("actor", "a name")?,
        };
        fields.finish()?;
        Ok(proof)
    }
}
