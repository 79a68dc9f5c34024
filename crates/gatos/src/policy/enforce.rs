//! Where rules are asked before something is signed. Whoever lets something happen asks here.

use gatos_core::experiment::{ExperimentProof, Tree};
use gatos_core::fold::{FoldProof, STATE_REF_PREFIX};
use gatos_core::id::FoldRoot;
use gatos_core::job::ExecutionProof;
use gatos_core::keys::PublicKey;
use gatos_core::name::{ActorName, JournalName};
use gatos_core::value::Value;
use gatos_policy::{Decision, Input, Intent, Limits, decide};

use super::facts::{Facts, facts_of};
use super::source::in_force;
use crate::error::{Context, Error, ErrorKind};
use crate::journal::Draft;
use crate::repository::Repository;

/// What the policy in force says to `input`.
///
/// # Errors
/// Rules that cannot be read; what they say is never an error.
pub fn judge(repository: &Repository, input: &Input) -> Result<Decision, Error> {
    Ok(decide(in_force(repository)?, input, Limits::DEFAULT))
}

/// The error of what was denied: the rule, its decision record, what is missing; `None` if it was not.
#[must_use]
pub fn refusal(decision: &Decision) -> Option<Error> {
    if decision.is_allowed() {
        return None;
    }
    let message = decision.lines().join("\n");
    let hint = match decision.reasons.first() {
        Some(reason) if reason.adr.is_some() => {
            format!("`gatos policy explain {}` shows the rule", reason.rule)
        }
        _ => "`gatos policy explain` lists the rules in force".to_owned(),
    };
    Some(Error::new(ErrorKind::Refused, message).with_hint(hint))
}

/// Whether the rules in force let an actor append these events, the first at `position`.
pub(crate) fn append(
    repository: &Repository,
    (actor, key): (&ActorName, PublicKey),
    journal: &JournalName,
    (drafts, position): (&[Draft], impl FnOnce() -> Result<u64, Error>),
) -> Result<(), Error> {
    let Some(facts) = governed(repository, Intent::EventAppend, (actor, key))? else {
        return Ok(());
    };
    let position = position()?;
    for (index, draft) in (0_u64..).zip(drafts) {
        let mut facts = facts.clone();
        let time = draft
            .ts
            .map_or(Value::Null, |ts| Value::Integer(ts.div_euclid(1000)));
        facts.set("time", time);
        let ulid = draft.ulid.map(|ulid| ulid.to_string()).unwrap_or_default();
        let fields = facts.with([
            ("journal", Value::text(journal.as_str())),
            ("type", Value::text(&draft.event_type)),
            ("ulid", Value::text(ulid)),
            ("payload", draft.payload.clone()),
            ("position", Value::count(position.saturating_add(index))),
        ]);
        require(repository, Intent::EventAppend, fields)?;
    }
    Ok(())
}

/// Whether the rules in force let an actor sign this checkpoint.
pub(crate) fn checkpoint(
    repository: &Repository,
    who: (&ActorName, PublicKey),
    proof: &FoldProof,
    previous: Option<FoldRoot>,
) -> Result<(), Error> {
    let Some(facts) = governed(repository, Intent::StateCheckpoint, who)? else {
        return Ok(());
    };
    let reference = proof.position.reference.as_str();
    let state = reference
        .strip_prefix(STATE_REF_PREFIX)
        .unwrap_or(reference);
    let fields = facts.with([
        ("state", Value::text(state)),
        ("journal", Value::text(proof.journal.as_str())),
        ("history_size", Value::count(proof.history_size)),
        ("history_root", Value::text(proof.history_root.to_string())),
        ("fold_root", proof.fold_root.into()),
        ("state_root", proof.state_root.into()),
        (
            "previous_fold_root",
            previous.map_or(Value::Null, Into::into),
        ),
    ]);
    require(repository, Intent::StateCheckpoint, fields)
}

/// Whether the rules in force let an actor publish this experiment.
pub(crate) fn publish(
    repository: &Repository,
    who: (&ActorName, PublicKey),
    proof: &ExperimentProof,
    execution: &ExecutionProof,
) -> Result<(), Error> {
    let Some(facts) = governed(repository, Intent::ExperimentPublish, who)? else {
        return Ok(());
    };
    let fields = facts.with([
        ("study", Value::text(proof.name.as_str())),
        ("experiment", Value::text(proof.ulid.to_string())),
        ("status", Value::text(execution.outcome.as_str())),
        ("program", Value::text(&proof.program.id)),
        ("dirty", Value::Bool(proof.source.tree == Tree::Dirty)),
        ("isolated", Value::Bool(execution.isolation.holds())),
        ("inputs_root", proof.inputs_root.into()),
        ("outputs_root", proof.outputs_root.into()),
    ]);
    require(repository, Intent::ExperimentPublish, fields)
}

/// The shared facts, if a rule is about the intent at all.
fn governed(
    repository: &Repository,
    intent: Intent,
    (actor, key): (&ActorName, PublicKey),
) -> Result<Option<Facts>, Error> {
    let governed = in_force(repository)?.governs(intent);
    Ok(governed.then(|| facts_of(repository, Some(actor), &[key])))
}

fn require(
    repository: &Repository,
    intent: Intent,
    fields: impl Iterator<Item = (&'static str, Value)>,
) -> Result<(), Error> {
    let input = Input::new(intent, fields).context(ErrorKind::Refused, || {
        "the rules in force cannot judge this".to_owned()
    })?;
    match refusal(&judge(repository, &input)?) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
