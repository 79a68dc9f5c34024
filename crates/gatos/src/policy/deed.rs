//! What somebody wants to do, in the words in which rules are asked about it.
//!
//= spec/policy.md#input

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::experiment::{ExperimentProof, Tree};
use gatos_core::fold::{FoldProof, STATE_REF_PREFIX};
use gatos_core::governance::Subject;
use gatos_core::id::{FoldRoot, PolicyRoot};
use gatos_core::job::ExecutionProof;
use gatos_core::keys::PublicKey;
use gatos_core::name::{ActorName, JournalName};
use gatos_core::policy::{ACTIVE_REF, Bundle, Trust};
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;
use gatos_policy::Intent;

/// What somebody wants to do.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) intent: Intent,
    pub(crate) by: By,
    /// What people can agree on about it
    pub(crate) subjects: Vec<Subject>,
    /// Where it would stand, so that it is told from others of the same content
    pub(crate) place: DeedPlace,
    /// When it is recorded to happen, in milliseconds since 1970
    pub(crate) time: Option<i64>,
    /// The fields that inputs of its intent have
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// Who does it.
#[derive(Clone, Debug)]
pub(crate) struct By {
    pub(crate) actor: Option<ActorName>,
    pub(crate) keys: Vec<PublicKey>,
}

/// Where in the ledger something would stand.
#[derive(Clone, Debug)]
pub(crate) enum DeedPlace {
    /// In a journal, with this identifier
    Event(JournalName, Option<Ulid>),
    /// In the state of this ref
    Checkpoint(String),
    /// Among the experiments, with this identifier
    Experiment(Ulid),
    /// In the chain of policies, where nothing happens twice
    Policies,
    /// In a ref of Git's own; whether the commit has come to one before
    Ref(bool),
}

/// An event, signed or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventFacts<'e> {
    pub(crate) journal: &'e JournalName,
    pub(crate) event_type: &'e str,
    pub(crate) ulid: Option<Ulid>,
    pub(crate) payload: &'e Value,
    pub(crate) ts: Option<i64>,
    /// Number of events before it
    pub(crate) position: u64,
}

/// One ref that a push would move.
#[derive(Clone, Debug)]
pub(crate) struct PushFacts {
    pub(crate) reference: String,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) fast_forward: bool,
    /// The paths that it changes, ascending
    pub(crate) paths: Vec<String>,
    /// The actors whose signatures of Git's the new commit carries
    pub(crate) signers: Vec<String>,
    /// Whether the new commit is in a branch or tag of the server already
    pub(crate) landed: bool,
    /// When the server received it, in milliseconds since 1970
    pub(crate) time: i64,
}

impl By {
    pub(crate) fn key(actor: &ActorName, key: PublicKey) -> Self {
        Self {
            actor: Some(actor.clone()),
            keys: vec![key],
        }
    }
}

impl Deed {
    /// Recording an event.
    pub(crate) fn event(by: By, event: EventFacts<'_>) -> Self {
        let ulid = event.ulid.map(|ulid| ulid.to_string()).unwrap_or_default();
        let content = Cid::of_dag_cbor(&cbor::encode(event.payload));
        Self {
            intent: Intent::EventAppend,
            by,
            subjects: vec![Subject::Content(content)],
            place: DeedPlace::Event(event.journal.clone(), event.ulid),
            time: event.ts,
            fields: vec![
                ("journal", Value::text(event.journal.as_str())),
                ("type", Value::text(event.event_type)),
                ("ulid", Value::text(ulid)),
                ("payload", event.payload.clone()),
                ("position", Value::count(event.position)),
            ],
        }
    }

    /// Signing a state.
    pub(crate) fn checkpoint(by: By, proof: &FoldProof, previous: Option<FoldRoot>) -> Self {
        let reference = proof.position.reference.as_str();
        let state = reference
            .strip_prefix(STATE_REF_PREFIX)
            .unwrap_or(reference);
        let previous = previous.map_or(Value::Null, Into::into);
        Self {
            intent: Intent::StateCheckpoint,
            by,
            subjects: vec![Subject::Content(proof.fold_root.cid())],
            place: DeedPlace::Checkpoint(reference.to_owned()),
            time: None,
            fields: vec![
                ("state", Value::text(state)),
                ("journal", Value::text(proof.journal.as_str())),
                ("history_size", Value::count(proof.history_size)),
                ("history_root", Value::text(proof.history_root.to_string())),
                ("fold_root", proof.fold_root.into()),
                ("state_root", proof.state_root.into()),
                ("previous_fold_root", previous),
            ],
        }
    }

    /// Publishing an experiment.
    pub(crate) fn publication(by: By, proof: &ExperimentProof, execution: &ExecutionProof) -> Self {
        Self {
            intent: Intent::ExperimentPublish,
            by,
            subjects: vec![Subject::Content(proof.outputs_root.cid())],
            place: DeedPlace::Experiment(proof.ulid),
            time: None,
            fields: vec![
                ("study", Value::text(proof.name.as_str())),
                ("experiment", Value::text(proof.ulid.to_string())),
                ("status", Value::text(execution.outcome.as_str())),
                ("program", Value::text(&proof.program.id)),
                ("dirty", Value::Bool(proof.source.tree == Tree::Dirty)),
                ("isolated", Value::Bool(execution.isolation.holds())),
                ("inputs_root", proof.inputs_root.into()),
                ("outputs_root", proof.outputs_root.into()),
            ],
        }
    }

    /// Putting `bundle` in the place of `before`: two deeds if people or groups change as well.
    pub(crate) fn activation(
        by: &By,
        before: &Bundle,
        (root, bundle): (PolicyRoot, &Bundle),
    ) -> Vec<Self> {
        let changed = [
            ("code", before.code != bundle.code),
            ("profile", before.profile != bundle.profile),
            ("trust", before.trust != bundle.trust),
        ];
        let changes = changed.iter().filter(|(_, changed)| *changed);
        let deed = |intent, fields| Self {
            intent,
            by: by.clone(),
            subjects: vec![Subject::Policy(root)],
            place: DeedPlace::Policies,
            time: None,
            fields,
        };
        let mut deeds = vec![deed(
            Intent::PolicyActivate,
            vec![
                ("ref", Value::text(ACTIVE_REF)),
                ("bundle", root.into()),
                ("code", bundle.code.into()),
                ("old_code", before.code.into()),
                ("changes", texts(changes.map(|(name, _)| *name))),
            ],
        )];
        if before.trust != bundle.trust {
            let fields = trust_fields(&before.trust, &bundle.trust);
            deeds.push(deed(Intent::TrustChange, fields));
        }
        deeds
    }

    /// Moving a ref that is not of ours on a server.
    pub(crate) fn push(pusher: Option<&ActorName>, push: PushFacts) -> Self {
        let maybe = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        let operation = match (&push.old, &push.new) {
            (_, None) => "delete",
            (None, _) => "create",
            (Some(_), Some(_)) => "update",
        };
        let subjects = push.new.iter().flat_map(|new| {
            let update = Subject::Update {
                reference: push.reference.clone(),
                old: push.old.clone(),
                new: new.clone(),
            };
            [update, Subject::Commit(new.clone())]
        });
        Self {
            intent: Intent::PushRef,
            subjects: subjects.collect(),
            place: DeedPlace::Ref(push.landed),
            time: Some(push.time),
            fields: vec![
                ("ref", Value::text(&push.reference)),
                ("operation", Value::text(operation)),
                ("old", maybe(&push.old)),
                ("new", maybe(&push.new)),
                ("fast_forward", Value::Bool(push.fast_forward)),
                ("paths", texts(&push.paths)),
                ("signers", texts(&push.signers)),
                (
                    "pusher",
                    pusher.map_or(Value::Null, |name| Value::text(name.as_str())),
                ),
            ],
            by: By {
                actor: pusher.cloned(),
                keys: Vec::new(),
            },
        }
    }
}

fn trust_fields(before: &Trust, after: &Trust) -> Vec<(&'static str, Value)> {
    let (old, new) = (before.actors(), after.actors());
    let added = new.keys().filter(|name| !old.contains_key(*name));
    let removed = old.keys().filter(|name| !new.contains_key(*name));
    let differs = |name: &&ActorName| {
        new.get(*name)
            .is_some_and(|actor| old.get(*name) != Some(actor))
    };
    let changed = old.keys().filter(differs);
    vec![
        ("ref", Value::text(ACTIVE_REF)),
        ("added", texts(added.map(ActorName::as_str))),
        ("removed", texts(removed.map(ActorName::as_str))),
        ("changed", texts(changed.map(ActorName::as_str))),
        ("before", before.to_value()),
        ("after", after.to_value()),
    ]
}

/// A list of texts, in the order given.
pub(super) fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Value {
    Value::list(items.into_iter().map(Value::text))
}
