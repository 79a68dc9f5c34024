//! What somebody wants to do, and which fields its input has. `docs/spec/policy.md#input`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Intent {
    /// Move a ref of the server
    PushRef,
    /// Record an event
    EventAppend,
    /// Sign a state
    StateCheckpoint,
    /// Put another policy in force
    PolicyActivate,
    /// Change actors, keys, groups or roles
    TrustChange,
    /// Ask for a job
    JobEnqueue,
    /// Take a job
    JobClaim,
    /// Read what a pointer points to
    PointerResolve,
    /// Publish messages
    BusPublish,
    /// Export tables
    ExportCreate,
    /// Publish an experiment
    ExperimentPublish,
}

/// The kind of a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Text
    Text,
    /// Text or null
    MaybeText,
    /// Link
    Link,
    /// Link or null
    MaybeLink,
    /// Boolean
    Bool,
    /// Integer, zero or more
    Count,
    /// Integer or null
    MaybeInteger,
    /// Map
    Map,
    /// List of texts
    Texts,
    /// List of maps
    Maps,
    /// Anything
    Any,
}

type Field = (&'static str, Kind);

/// The fields of every input.
pub(crate) const SHARED: &[Field] = &[
    ("v", Kind::Count),
    ("intent", Kind::Text),
    ("repo", Kind::Link),
    ("policy", Kind::Link),
    ("time", Kind::MaybeInteger),
    ("actor", Kind::Map),
    ("groups", Kind::Map),
    ("proposal", Kind::MaybeLink),
    ("approvals", Kind::Maps),
    ("grants", Kind::Maps),
];

/// The fields of `actor`.
pub(crate) const ACTOR: &[Field] = &[
    ("name", Kind::MaybeText),
    ("keys", Kind::Texts),
    ("roles", Kind::Texts),
    ("groups", Kind::Texts),
];

/// The fields of an approval.
pub(crate) const APPROVAL: &[Field] = &[
    ("actor", Kind::Text),
    ("key", Kind::Text),
    ("verdict", Kind::Text),
];

/// The fields of a grant.
pub(crate) const GRANT: &[Field] = &[
    ("id", Kind::Link),
    ("proposal", Kind::Link),
    ("single", Kind::Bool),
    ("until", Kind::MaybeInteger),
];

const PUSH_REF: &[Field] = &[
    ("ref", Kind::Text),
    ("operation", Kind::Text),
    ("old", Kind::MaybeText),
    ("new", Kind::MaybeText),
    ("fast_forward", Kind::Bool),
    ("paths", Kind::Texts),
    ("signers", Kind::Texts),
    ("pusher", Kind::MaybeText),
];
const EVENT_APPEND: &[Field] = &[
    ("journal", Kind::Text),
    ("type", Kind::Text),
    ("ulid", Kind::Text),
    ("payload", Kind::Any),
    ("position", Kind::Count),
];
const STATE_CHECKPOINT: &[Field] = &[
    ("state", Kind::Text),
    ("journal", Kind::Text),
    ("history_size", Kind::Count),
    ("history_root", Kind::Text),
    ("fold_root", Kind::Link),
    ("state_root", Kind::Link),
    ("previous_fold_root", Kind::MaybeLink),
];
const POLICY_ACTIVATE: &[Field] = &[
    ("ref", Kind::Text),
    ("bundle", Kind::Link),
    ("code", Kind::Link),
    ("old_code", Kind::Link),
    ("changes", Kind::Texts),
];
const TRUST_CHANGE: &[Field] = &[
    ("ref", Kind::Text),
    ("added", Kind::Texts),
    ("removed", Kind::Texts),
    ("changed", Kind::Texts),
    ("before", Kind::Map),
    ("after", Kind::Map),
];
const JOB_ENQUEUE: &[Field] = &[
    ("study", Kind::Text),
    ("job", Kind::Text),
    ("program", Kind::Text),
    ("builder", Kind::MaybeText),
    ("inputs_root", Kind::MaybeLink),
];
const JOB_CLAIM: &[Field] = &[
    ("study", Kind::Text),
    ("job", Kind::Text),
    ("program", Kind::Text),
    ("generation", Kind::Count),
    ("enqueued_by", Kind::MaybeText),
];
const POINTER_RESOLVE: &[Field] = &[
    ("class", Kind::Text),
    ("pointer", Kind::Link),
    ("size_bucket", Kind::Count),
    ("audience", Kind::Text),
    ("scopes", Kind::Texts),
    ("purpose", Kind::MaybeText),
];
const BUS_PUBLISH: &[Field] = &[
    ("topic", Kind::Text),
    ("key", Kind::MaybeText),
    ("messages", Kind::Count),
    ("bytes", Kind::Count),
];
const EXPORT_CREATE: &[Field] = &[
    ("format", Kind::Text),
    ("tables", Kind::Texts),
    ("journals", Kind::Texts),
    ("ledger_head", Kind::Text),
];
const EXPERIMENT_PUBLISH: &[Field] = &[
    ("study", Kind::Text),
    ("experiment", Kind::Text),
    ("status", Kind::Text),
    ("program", Kind::Text),
    ("dirty", Kind::Bool),
    ("isolated", Kind::Bool),
    ("inputs_root", Kind::MaybeLink),
    ("outputs_root", Kind::MaybeLink),
];

impl Intent {
    /// Every intent, in order.
    pub const ALL: [Self; 11] = [
        Self::PushRef,
        Self::EventAppend,
        Self::StateCheckpoint,
        Self::PolicyActivate,
        Self::TrustChange,
        Self::JobEnqueue,
        Self::JobClaim,
        Self::PointerResolve,
        Self::BusPublish,
        Self::ExportCreate,
        Self::ExperimentPublish,
    ];

    /// The intent as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PushRef => "push.ref",
            Self::EventAppend => "event.append",
            Self::StateCheckpoint => "state.checkpoint",
            Self::PolicyActivate => "policy.activate",
            Self::TrustChange => "trust.change",
            Self::JobEnqueue => "job.enqueue",
            Self::JobClaim => "job.claim",
            Self::PointerResolve => "pointer.resolve",
            Self::BusPublish => "bus.publish",
            Self::ExportCreate => "export.create",
            Self::ExperimentPublish => "experiment.publish",
        }
    }

    /// The field of the input that a rule's scope is compared with.
    #[must_use]
    pub const fn subject_field(self) -> &'static str {
        match self {
            Self::PushRef => "ref",
            Self::EventAppend => "journal",
            Self::StateCheckpoint => "state",
            Self::PolicyActivate | Self::TrustChange => "ref",
            Self::JobEnqueue | Self::JobClaim | Self::ExperimentPublish => "study",
            Self::PointerResolve => "class",
            Self::BusPublish => "topic",
            Self::ExportCreate => "format",
        }
    }

    /// The fields that an input has besides the shared ones.
    pub(crate) const fn fields(self) -> &'static [Field] {
        match self {
            Self::PushRef => PUSH_REF,
            Self::EventAppend => EVENT_APPEND,
            Self::StateCheckpoint => STATE_CHECKPOINT,
            Self::PolicyActivate => POLICY_ACTIVATE,
            Self::TrustChange => TRUST_CHANGE,
            Self::JobEnqueue => JOB_ENQUEUE,
            Self::JobClaim => JOB_CLAIM,
            Self::PointerResolve => POINTER_RESOLVE,
            Self::BusPublish => BUS_PUBLISH,
            Self::ExportCreate => EXPORT_CREATE,
            Self::ExperimentPublish => EXPERIMENT_PUBLISH,
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no intent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "an intent is one of push.ref, event.append, state.checkpoint, policy.activate, trust.change, \
     job.enqueue, job.claim, pointer.resolve, bus.publish, export.create, experiment.publish"
)]
pub struct IntentError;

impl FromStr for Intent {
    type Err = IntentError;

    fn from_str(text: &str) -> Result<Self, IntentError> {
        let found = Self::ALL.into_iter().find(|i| i.as_str() == text);
        found.ok_or(IntentError)
    }
}

/// The intents that a rule is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Intents {
    /// Every intent; written `*`
    Every,
    /// These; never empty
    These(BTreeSet<Intent>),
}

impl Intents {
    /// Whether `intent` is one of them.
    #[must_use]
    pub fn has(&self, intent: Intent) -> bool {
        match self {
            Self::Every => true,
            Self::These(set) => set.contains(&intent),
        }
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Every => vec!["*"],
            Self::These(set) => set.iter().map(|i| i.as_str()).collect(),
        }
    }
}

impl fmt::Display for Intents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}
