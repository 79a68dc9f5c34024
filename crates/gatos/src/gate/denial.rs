//! Refusals as people see them, and the decision made again from what was kept.

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::denial::{DENIAL_REF_PREFIX, Denial, Effect, Judge};
use gatos_core::gate::{Facts, judge};
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_policy::{Input, Limits, decide};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Context, Error, ErrorKind};
use crate::experiment::{Found, Listed, all, select_listed};
use crate::journal::raw_json;
use crate::policy::{Ruling, read_program};
use crate::repository::Repository;
use crate::repository::ledger::Folder;
use crate::verify::ensure;

impl Listed for Denial {
    const PREFIX: &'static str = DENIAL_REF_PREFIX;
    const NOUN: &'static str = "denial";
    const LISTED_BY: &'static str = "gatos policy denials";
}

/// A refusal at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct DenialView {
    /// Its identifier
    pub ulid: String,
    /// Content id of its statement
    pub id: String,
    /// When it was recorded, in milliseconds since 1970, as its identifier says
    pub recorded_ms: u64,
    /// What came of it: `refused` or `warned`
    pub effect: &'static str,
    /// Who decided: `gate` or `policy`
    pub judge: &'static str,
    /// What was wanted
    pub intent: String,
    /// The ref that it was about
    pub subject: String,
    /// Who pushed, where the server knew
    pub pusher: Option<String>,
    /// The rule
    pub rule: String,
    /// Where it is written down why there is such a rule
    pub adr: Option<String>,
    /// What was wrong
    pub message: String,
    /// The least that would have to be otherwise
    pub missing: Option<String>,
    /// What to do next
    pub next: Option<String>,
    /// The policy in force
    pub policy_root: String,
    /// Its compiled rules
    pub policy_code_root: String,
    /// What was judged
    pub input: String,
    /// What was decided
    pub decision: String,
    /// Number of refs of the push
    pub refs: u64,
    /// Number of refusals that it stands for
    pub count: u64,
    /// Fingerprint of the gate's key
    pub signer: String,
    /// Whose key that is by the policy; none if the policy does not name it
    pub signer_actor: Option<String>,
}

/// A refusal, and the decision made again.
#[derive(Clone, Debug, Serialize)]
pub struct Replay {
    /// The refusal
    #[serde(flatten)]
    pub denial: DenialView,
    /// What was judged, as JSON
    pub facts: Box<RawValue>,
    /// Whether deciding again gave the same bytes
    pub same: bool,
}

/// All refusals, oldest first.
///
/// # Errors
/// One that cannot be read or does not verify.
pub fn denials(repository: &Repository) -> Result<Vec<DenialView>, Error> {
    all::<Denial>(repository)?
        .into_iter()
        .map(|found| view(repository, &found))
        .collect()
}

/// One refusal, with the decision made again from what was kept.
///
/// # Errors
/// No such refusal, one that does not verify, or what lies beside it is not what it names.
pub fn explain(repository: &Repository, id: &str) -> Result<Replay, Error> {
    let found = select_listed::<Denial>(repository, id)?;
    let denial = view(repository, &found)?;
    let statement = opened(&found)?.statement();
    let folder = Folder::of_commit(repository.git(), found.commit)?;
    let (input, decision) = (folder.blob("input")?, folder.blob("decision")?);
    ensure(Cid::of_dag_cbor(&input) == statement.input, || {
        "what is kept is not what was judged".to_owned()
    })?;
    ensure(Cid::of_dag_cbor(&decision) == statement.decision, || {
        "what is kept is not what was decided".to_owned()
    })?;
    let value = cbor::decode(&input).or_mismatch(|| "what was judged cannot be read".to_owned())?;
    let facts = raw_json(&value)?;
    let again = match statement.judge {
        Judge::Gate => {
            let facts = Facts::from_value(value)
                .or_mismatch(|| "what was judged cannot be read".to_owned())?;
            judge(&facts).map(|reason| cbor::encode(&reason.to_value()))
        }
        Judge::Policy => by_rules(statement, &folder.blob("code")?, value, &decision)?,
    };
    Ok(Replay {
        denial,
        facts,
        same: again.as_deref() == Some(&decision),
    })
}

/// What the rules that were kept say to the input that was kept, as bytes; `None` if that is not the reason
/// that was signed.
fn by_rules(
    denial: &Denial,
    code: &[u8],
    input: Value,
    decision: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    ensure(denial.policy_code_root.cid().names(code), || {
        "the rules that are kept are not those that decided".to_owned()
    })?;
    let program = read_program(code, || "the rules that decided cannot be used".to_owned())?;
    let unreadable = || "what was judged cannot be read".to_owned();
    let input = Input::from_value(input).or_mismatch(unreadable)?;
    // How much work was allowed is part of what was decided.
    let limits = match cbor::decode(decision).or_mismatch(unreadable)? {
        Value::Map(map) => match map.get("limit") {
            Some(Value::Integer(limit)) => u32::try_from(*limit).ok(),
            _ => None,
        },
        _ => None,
    };
    let limits = limits.map_or(Limits::DEFAULT, |instructions| Limits { instructions });
    let decision = decide(&program, &input, limits);
    let ruling = Ruling { input, decision };
    let reason = match denial.effect {
        Effect::Refused => ruling.reason(),
        Effect::Warned => ruling.warning(),
    };
    let same = reason.as_ref() == Some(&denial.reason);
    Ok(same.then(|| ruling.decision.to_bytes()))
}

fn opened(found: &Found<Denial>) -> Result<&Signed<Denial>, Error> {
    found.signed.as_ref().map_err(|e| {
        let message = format!("`{}` does not verify: {e}", found.reference);
        Error::new(ErrorKind::Mismatch, message)
    })
}

fn view(repository: &Repository, found: &Found<Denial>) -> Result<DenialView, Error> {
    let signed = opened(found)?;
    let denial = signed.statement();
    ensure(denial.repo == repository.id(), || {
        format!("`{}` is of another repository", found.reference)
    })?;
    ensure(denial.position.reference == found.reference, || {
        format!("`{}` was signed for another ref", found.reference)
    })?;
    let bundle = repository.policies().get(&denial.policy_root)?;
    let [signer, ..] = signed.signers() else {
        return Err(Error::new(ErrorKind::Mismatch, "nobody signed"));
    };
    let actor = bundle.trust.actor_of(signer);
    let reason = &denial.reason;
    Ok(DenialView {
        ulid: denial.ulid.to_string(),
        id: signed.id().to_string(),
        recorded_ms: denial.ulid.milliseconds(),
        effect: denial.effect.as_str(),
        judge: denial.judge.as_str(),
        intent: denial.intent.clone(),
        subject: denial.subject.clone(),
        pusher: denial.pusher.clone(),
        rule: reason.rule.clone(),
        adr: reason.adr.clone(),
        message: reason.message.clone(),
        missing: reason.missing.clone(),
        next: reason.next.clone(),
        policy_root: denial.policy_root.to_string(),
        policy_code_root: denial.policy_code_root.to_string(),
        input: denial.input.to_string(),
        decision: denial.decision.to_string(),
        refs: denial.refs,
        count: denial.count,
        signer: signer.fingerprint().to_string(),
        signer_actor: actor.map(|(name, _)| name.to_string()),
    })
}
