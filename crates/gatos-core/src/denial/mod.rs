//! The statement that somebody's push was refused, or would have been. `docs/spec/deny.md`.

use crate::cbor::{FieldError, Fields};
use crate::cid::Cid;
use crate::envelope::Kind;
use crate::gate::Reason;
use crate::id::{PolicyCodeRoot, PolicyRoot, RepoId};
use crate::statement::{Position, Statement};
use crate::ulid::Ulid;
use crate::value::Value;

/// What stands before an identifier in the ref of a denial.
pub const DENIAL_REF_PREFIX: &str = "refs/gatos/audit/policy/deny/";

/// Who decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judge {
    /// The gate's own rules; the input is [`Facts`](crate::gate::Facts)
    Gate,
    /// The rules of the policy; the input is that of the intent
    Policy,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// The push was refused
    Refused,
    /// The push was accepted, since the rule only warns
    Warned,
}

/// A push that was refused, or a rule that warned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Denial {
    /// The repository
    pub repo: RepoId,
    /// Where it stands: alone in its ref
    pub position: Position,
    /// Its identifier
    pub ulid: Ulid,
    /// What came of it
    pub effect: Effect,
    /// Who decided
    pub judge: Judge,
    /// What was wanted, such as `push.ref`
    pub intent: String,
    /// The ref that it was about
    pub subject: String,
    /// Who pushed, as the server knows them
    pub pusher: Option<String>,
    /// What was judged
    pub input: Cid,
    /// What was decided
    pub decision: Cid,
    /// Why
    pub reason: Reason,
    /// The policy in force
    pub policy_root: PolicyRoot,
    /// Its compiled rules
    pub policy_code_root: PolicyCodeRoot,
    /// Number of refs that the push would have moved
    pub refs: u64,
    /// Number of refusals that this stands for: more than one where they were too many to record
    /// each
    pub count: u64,
}

impl Judge {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Policy => "policy",
        }
    }
}

impl Effect {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warned => "warned",
        }
    }
}

impl Statement for Denial {
    const KIND: Kind = Kind::Denial;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("ulid", Value::text(self.ulid.to_string())),
            ("effect", Value::text(self.effect.as_str())),
            ("judge", Value::text(self.judge.as_str())),
            ("intent", Value::text(&self.intent)),
            ("subject", Value::text(&self.subject)),
            (
                "pusher",
                self.pusher.as_ref().map_or(Value::Null, Value::text),
            ),
            ("input", Value::Link(self.input)),
            ("decision", Value::Link(self.decision)),
            ("reason", self.reason.to_value()),
            ("policy_root", self.policy_root.into()),
            ("policy_code_root", self.policy_code_root.into()),
            ("refs", Value::count(self.refs)),
            ("count", Value::count(self.count)),
        ];
        Value::map(entries.into_iter().chain(self.position.to_entries()))
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("denial", value)?;
        let ulid_text = fields.text("ulid")?;
        let ulid: Ulid = ulid_text
            .parse()
            .map_err(|_| fields.content("ulid", "a ULID"))?;
        let effect = match fields.text("effect")?.as_str() {
            "refused" => Effect::Refused,
            "warned" => Effect::Warned,
            _ => return Err(fields.content("effect", "`refused` or `warned`")),
        };
        let judge = match fields.text("judge")?.as_str() {
            "gate" => Judge::Gate,
            "policy" => Judge::Policy,
            _ => return Err(fields.content("judge", "`gate` or `policy`")),
        };
        let denial = Self {
            repo: fields.link("repo")?.into(),
            position: Position::take(&mut fields)?,
            ulid,
            effect,
            judge,
            intent: fields.text("intent")?,
            subject: fields.text("subject")?,
            pusher: crate::gate::maybe(&mut fields, "pusher")?,
            input: fields.link("input")?,
            decision: fields.link("decision")?,
            reason: Reason::from_value(fields.value("reason")?)?,
            policy_root: fields.link("policy_root")?.into(),
            policy_code_root: fields.link("policy_code_root")?.into(),
            refs: fields.count("refs")?,
            count: fields.count("count")?,
        };
        let place = format!("{DENIAL_REF_PREFIX}{}", ulid.to_lower());
        if denial.position != Position::first(place) {
            return Err(fields.content("ref", "the ref of its identifier, at position 0"));
        }
        if denial.count == 0 {
            return Err(fields.content("count", "one or more"));
        }
        fields.finish()?;
        Ok(denial)
    }
}
