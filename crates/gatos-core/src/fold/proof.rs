//! The statement that a fold of a journal's first events gives a state.

use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::id::{FoldRoot, PolicyRoot, RepoId, StateRoot, StatementId};
use crate::merkle::TreeHash;
use crate::name::JournalName;
use crate::statement::{Position, Statement};
use crate::value::Value;

/// What stands before a state's name in its ref.
pub const STATE_REF_PREFIX: &str = "refs/gatos/state/";

/// Within what a fold ran: exceeding it is no result, so it is part of the proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FoldLimits {
    /// Most fuel for one event, in units of the engine's schedule
    pub fuel_per_event: u64,
    /// Most memory of all values, in bytes by the engine's formula
    pub memory_bytes: u64,
}

/// A Proof-of-Fold. Verifying it means running the fold again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoldProof {
    /// The repository
    pub repo: RepoId,
    /// Where in the state's ref it stands
    pub position: Position,
    /// The journal that was folded
    pub journal: JournalName,
    /// The head of the history tree over the events that were folded
    pub history_root: TreeHash,
    /// Their number
    pub history_size: u64,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// The program
    pub fold_root: FoldRoot,
    /// The language, its library and its fuel schedule
    pub engine: String,
    /// Within what it ran
    pub limits: FoldLimits,
    /// The state that it gave
    pub state_root: StateRoot,
    /// The proof before this one in its ref, where this fold continues it
    pub base: Option<StatementId>,
}

impl Statement for FoldProof {
    const KIND: Kind = Kind::ProofOfFold;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("journal", Value::text(self.journal.as_str())),
            (
                "history_root",
                Value::bytes(self.history_root.as_bytes().to_vec()),
            ),
            ("history_size", Value::count(self.history_size)),
            ("policy_root", self.policy_root.into()),
            ("fold_root", self.fold_root.into()),
            ("engine", Value::text(&self.engine)),
            ("limits", self.limits.to_value()),
            ("state_root", self.state_root.into()),
            ("base", self.base.map_or(Value::Null, Value::from)),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("proof of fold", value)?;
        let proof = Self {
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            journal: fields.parsed("journal", "a name")?,
            history_root: TreeHash::from_bytes(fields.array("history_root")?),
            history_size: fields.count("history_size")?,
            policy_root: fields.link("policy_root")?.into(),
            fold_root: fields.link("fold_root")?.into(),
            engine: fields.text("engine")?,
            limits: FoldLimits::from_value(fields.value("limits")?)?,
            state_root: fields.link("state_root")?.into(),
            base: fields.nullable_link("base")?.map(StatementId::from),
        };
        fields.finish()?;
        Ok(proof)
    }
}

impl FoldLimits {
    fn to_value(self) -> Value {
        Value::map([
            ("fuel_per_event", Value::count(self.fuel_per_event)),
            ("memory_bytes", Value::count(self.memory_bytes)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("fold limits", value)?;
        let limits = Self {
            fuel_per_event: fields.count("fuel_per_event")?,
            memory_bytes: fields.count("memory_bytes")?,
        };
        fields.finish()?;
        Ok(limits)
    }
}
