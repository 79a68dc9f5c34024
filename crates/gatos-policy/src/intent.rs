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
        use Kind::{Any, Bool, Count, Link, Map, MaybeLink, MaybeText, Text, Texts};
        match self {
            Self::PushRef => &[
                ("ref", Text),
                ("operation", Text),
                ("old", MaybeText),
                ("new", MaybeText),
                ("fast_forward", Bool),
                ("paths", Texts),
                ("signers", Texts),
                ("pusher", MaybeText),
            ],
            Self::EventAppend => &[
                ("journal", Text),
                ("type", Text),
                ("ulid", Text),
                ("payload", Any),
                ("position", Count),
            ],
            Self::StateCheckpoint => &[
                ("state", Text),
                ("journal", Text),
                ("history_size", Count),
                ("history_root", Text),
                ("fold_root", Link),
                ("state_root", Link),
                ("previous_fold_root", MaybeLink),
            ],
            Self::PolicyActivate => &[
                ("ref", Text),
                ("bundle", Link),
                ("code", Link),
                ("old_code", Link),
                ("changes", Texts),
            ],
            Self::TrustChange => &[
                ("ref", Text),
                ("added", Texts),
                ("removed", Texts),
                ("changed", Texts),
                ("before", Map),
                ("after", Map),
            ],
            Self::JobEnqueue => &[
                ("study", Text),
                ("job", Text),
                ("program", Text),
                ("builder", MaybeText),
                ("inputs_root", MaybeLink),
            ],
            Self::JobClaim => &[
                ("study", Text),
                ("job", Text),
                ("program", Text),
                ("generation", Count),
                ("enqueued_by", MaybeText),
            ],
            Self::PointerResolve => &[
                ("class", Text),
                ("pointer", Link),
                ("size_bucket", Count),
                ("audience", Text),
                ("scopes", Texts),
                ("purpose", MaybeText),
            ],
            Self::BusPublish => &[
                ("topic", Text),
                ("key", MaybeText),
                ("messages", Count),
                ("bytes", Count),
            ],
            Self::ExportCreate => &[
                ("format", Text),
                ("tables", Texts),
                ("journals", Texts),
                ("ledger_head", Text),
            ],
            Self::ExperimentPublish => &[
                ("study", Text),
                ("experiment", Text),
                ("status", Text),
                ("program", Text),
                ("dirty", Bool),
                ("isolated", Bool),
                ("inputs_root", MaybeLink),
                ("outputs_root", MaybeLink),
            ],
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
